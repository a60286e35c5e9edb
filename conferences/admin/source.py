"""How the back office shows the record that a leg or a channel report came from."""

from django.utils.html import format_html

from conferences.records import raw


def source_of(row):
    """Show the row's own record, read from the file that was kept, or why it cannot be."""
    try:
        return format_html("<pre>{}</pre>", raw.raw_record(row))
    except raw.NotKept as reason:
        return str(reason)
