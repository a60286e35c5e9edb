"""How e-mail addresses and names are typed."""

from django import forms


class AddressField(forms.EmailField):
    """An e-mail address in small letters, of which some take more room than the capitals typed."""

    def __init__(self, **options):
        super().__init__(max_length=254, **options)

    def to_python(self, value):
        return super().to_python(value).lower()


def on_one_line(name):
    """Put a name on one line: it stands in subjects and sentences of letters."""
    return " ".join(name.split())
