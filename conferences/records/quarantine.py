"""What cannot be taken in is kept whole, once, with a plain reason, until its cause is mended.

A record is known in quarantine by its bridge, its id and its text, so a file that comes again adds
nothing. When the record is accepted later, or turns out to be stored, the one kept is released.
"""

from conferences.records.judging import KNOWN, STORED

_TAKEN = f"({STORED} OR {KNOWN})"
_FOUND = """
WITH found AS (
    SELECT judged.*, call_file_id,
           CASE WHEN problem IS NULL THEN head || raw || tail ELSE raw END AS whole,
           CASE verdict
               WHEN 'unreadable' THEN problem
               WHEN 'no_end' THEN 'The record names no end.'
               WHEN 'ends_before_start' THEN
                   format('It ends %%s before it starts.', joined_at - left_at)
               WHEN 'too_long' THEN
                   format('It lasts %%s; no call is longer than 24 hours.', left_at - joined_at)
               WHEN 'unknown_conference' THEN
                   format('There is no conference %%s.', conference_number)
               WHEN 'unknown_number' THEN
                   format('The number dialled, %%s, is in no row of the dial-in numbers.',
                          coalesce(nullif(dialled_number, ''), '(none)'))
               WHEN 'conflict' THEN
                   CASE WHEN leg_key IS NULL
                       THEN 'The channel has been reported on already with other content.'
                       ELSE 'The leg or its session is known already with other content.'
                   END
               WHEN 'unconfirmed' THEN
                   'The report of the channel has not come; the leg comes in with it by itself.'
               WHEN 'contradicted' THEN
                   format('The report of the channel tells of %%s.', contradiction)
           END AS explanation
    FROM judged
    JOIN arriving_file USING (file)
    JOIN (SELECT place, problem, raw FROM arriving) AS arrived USING (place)
)
"""

RELEASED = (
    _FOUND
    + f"""
UPDATE conferences_quarantinedrecord AS kept SET released_at = %(now)s
FROM found
WHERE kept.released_at IS NULL AND {_TAKEN}
  AND kept.bridge = found.bridge AND kept.external_id = found.external_id AND kept.raw = whole
"""
)

QUARANTINED = (
    _FOUND
    + f"""
INSERT INTO conferences_quarantinedrecord
    (call_file_id, position, bridge, external_id, channel, reason, detail, raw, quarantined_at)
SELECT DISTINCT ON (bridge, external_id, md5(whole))
       call_file_id, position, bridge, external_id, coalesce(channel, ''), verdict, explanation,
       whole, %(now)s
FROM found
WHERE NOT {_TAKEN}
  AND NOT EXISTS (
      SELECT FROM conferences_quarantinedrecord AS kept
      WHERE kept.bridge = found.bridge AND kept.external_id = found.external_id
        AND md5(kept.raw) = md5(whole)
  )
ORDER BY bridge, external_id, md5(whole), place
"""
)

EXPLAINED_ANEW = (
    _FOUND
    + f"""
UPDATE conferences_quarantinedrecord AS kept SET reason = verdict, detail = explanation
FROM found
WHERE kept.released_at IS NULL AND NOT {_TAKEN}
  AND kept.bridge = found.bridge AND kept.external_id = found.external_id AND kept.raw = whole
  AND (kept.reason, kept.detail) IS DISTINCT FROM (verdict, explanation)
"""
)

#: In the order in which they must run.
STATEMENTS = (QUARANTINED, EXPLAINED_ANEW, RELEASED)
