"""What becomes of the reports of channels that have arrived, decided set-wise in SQL.

The first report of a channel is stored and stays; the same again is known, another is a conflict.
All reports of a handful are settled before its legs, which are judged by them.
"""

from dataclasses import fields

from conferences.records.channel import ChannelRecord

COLUMNS = tuple(field.name for field in fields(ChannelRecord) if field.name != "raw")
_ALL = ", ".join(COLUMNS)
_CONTENT = [name for name in COLUMNS if name != "position"]

ARRIVING = """
DROP TABLE IF EXISTS pg_temp.arriving_report;
CREATE TEMP TABLE arriving_report (
    file integer, bridge text, channel text, conference_uuid text, conference_name text,
    caller_number text, dialled_number text, is_outbound boolean, started_at timestamptz,
    answered_at timestamptz, ended_at timestamptz, hangup_cause text, q850_cause integer,
    disposition text, left_because text, pin_reference text, billing_code text, position integer
) ON COMMIT DROP
"""

COPY = f"COPY arriving_report (file, {_ALL}) FROM STDIN"

STORED = f"""
INSERT INTO conferences_channelreport (call_file_id, {_ALL})
SELECT DISTINCT ON (channel) call_file_id, {_ALL}
FROM arriving_report JOIN arriving_file USING (file)
ORDER BY channel, file, position
ON CONFLICT (channel) DO NOTHING
"""

REPORTED = f"""
UPDATE arriving SET reported = CASE
    WHEN (kept.call_file_id, kept.position) = (arriving_file.call_file_id, told.position)
        THEN 'reported'
    WHEN ({", ".join(f"kept.{name}" for name in _CONTENT)})
         IS NOT DISTINCT FROM ({", ".join(f"told.{name}" for name in _CONTENT)})
        THEN 'known'
    ELSE 'conflict'
END
FROM arriving_report AS told
JOIN arriving_file USING (file)
JOIN conferences_channelreport AS kept USING (channel)
WHERE arriving.file = told.file AND arriving.position = told.position
"""

#: In the order in which they must run.
STATEMENTS = (STORED, REPORTED)
