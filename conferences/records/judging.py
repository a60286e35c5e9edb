"""What becomes of each record that has arrived, decided set-wise in SQL.

A record is judged by itself first: no end, an end before its start, more than a day. If the same
leg is stored with the same content, it is a duplicate. Then the operator's tables must know the
conference and the number dialled, and nothing else may be stored under the leg's name. What is
left is accepted, but where one file contradicts itself, giving a leg different contents or a
session different conferences: nobody can say which is right, and none of those is accepted. So
neither the order of records inside a file nor its coming again changes what is stored. Files that
touch the same legs or sessions are judged one after the other, all others together.

A leg that names its channel is joined with the channel's own report, which tells the PIN, the
direction and why the call ended. Where the report contradicts the leg, or has not come though the
bridge sends reports, the leg is not accepted; `duplicate` is also a leg that was stored before
there was a report to join it with.

The keys are hashes of the names; they only narrow down where to look closer.
"""

#: What can be billed, were it not for other records.
SOUND = "verdict IN ('accepted', 'duplicate', 'conflict')"
#: What came to stay, and what was there before; reports of channels have words of their own.
STORED, KNOWN = "verdict IN ('accepted', 'reported')", "verdict IN ('duplicate', 'known')"
#: How far apart the clocks of a switch's two kinds of record may be: one has whole seconds only.
CLOCKS_APART = "interval '5 seconds'"

ARRIVING = """
DROP TABLE IF EXISTS pg_temp.arriving, pg_temp.arriving_file, pg_temp.judged;
CREATE TEMP TABLE arriving_file (
    file integer, call_file_id bigint, head text, tail text
) ON COMMIT DROP;
CREATE TEMP TABLE arriving (
    place bigint, file integer, position integer, bridge text, external_id text,
    session_external_id text, conference_number text, joined_at timestamptz, left_at timestamptz,
    caller_name text, caller_number text, dialled_number text, is_outdial boolean,
    is_moderator boolean, left_because text, pin_reference text, billing_code text,
    channel text, content bigint, leg_key bigint, session_key bigint, problem text, raw text,
    reported text
) ON COMMIT DROP
"""

#: The planner must know the new table; the texts that nothing is joined by would only cost time.
MADE_KNOWN = """
SET LOCAL work_mem = '64MB';
SET LOCAL jit = off;
ANALYZE arriving (
    bridge, external_id, session_external_id, conference_number, dialled_number, channel
)
"""

_CONTRADICTION = f"""
CASE
    WHEN report.id IS NULL THEN NULL
    WHEN report.conference_uuid <> session_external_id
      OR report.conference_name <> split_part(conference_number, '@', 1)
        THEN 'another conference'
    WHEN report.caller_number <> arriving.caller_number THEN 'another caller'
    WHEN report.dialled_number <> arriving.dialled_number THEN 'another number dialled'
    WHEN arriving.joined_at < report.started_at - {CLOCKS_APART}
      OR arriving.left_at > report.ended_at + {CLOCKS_APART} THEN 'other times'
END
"""

#: What a leg is together with its channel's report; of an out-dial leg, whom the bridge called.
_JOINED = f"""
SELECT
    arriving.is_outdial OR coalesce(report.is_outbound, false) AS is_outdial,
    CASE WHEN report.is_outbound THEN arriving.dialled_number ELSE arriving.caller_number
    END AS caller_number,
    CASE WHEN arriving.left_because = '' AND arriving.left_at > report.ended_at - {CLOCKS_APART}
         THEN report.left_because ELSE arriving.left_because
    END AS left_because,
    coalesce(nullif(arriving.pin_reference, ''), report.pin_reference, '') AS pin_reference,
    coalesce(nullif(arriving.billing_code, ''), report.billing_code, '') AS billing_code,
    {_CONTRADICTION} AS contradiction
"""

#: `confirming` are the hosts whose legs need their channels' reports.
JUDGED = f"""
DROP TABLE IF EXISTS pg_temp.judged;
CREATE TEMP TABLE judged ON COMMIT DROP AS
SELECT arriving.place, arriving.file, arriving.position, arriving.bridge, arriving.external_id,
       session_external_id, conference_number, arriving.joined_at, arriving.left_at,
       arriving.caller_name, joined.caller_number, arriving.dialled_number, arriving.is_moderator,
       joined.left_because, joined.billing_code, arriving.channel, contradiction, content, leg_key,
       session_key, line.id AS conference_id, pin.id AS pin_id,
       CASE WHEN joined.is_outdial THEN 'out_dial' ELSE number.access_type END AS access_type,
       CASE
           WHEN reported IS NOT NULL THEN reported
           WHEN problem IS NOT NULL THEN 'unreadable'
           WHEN arriving.left_at IS NULL THEN 'no_end'
           WHEN arriving.left_at < arriving.joined_at THEN 'ends_before_start'
           WHEN arriving.left_at > arriving.joined_at + interval '24 hours' THEN 'too_long'
           WHEN (
               held.external_id, held_by.number, leg.joined_at, leg.left_at, leg.caller_name,
               leg.dialled_number, leg.is_moderator
           ) IS NOT DISTINCT FROM (
               session_external_id, conference_number, arriving.joined_at, arriving.left_at,
               arriving.caller_name, arriving.dialled_number, arriving.is_moderator
           ) AND (
               (leg.caller_number, leg.access_type = 'out_dial', leg.left_because, leg.pin_id)
               IS NOT DISTINCT FROM
               (joined.caller_number, joined.is_outdial, joined.left_because, pin.id)
               OR
               (leg.caller_number, leg.access_type = 'out_dial', leg.left_because, leg.pin_id)
               IS NOT DISTINCT FROM
               (arriving.caller_number, arriving.is_outdial, arriving.left_because,
                CASE WHEN arriving.pin_reference <> '' THEN pin.id END)
           ) THEN 'duplicate'
           WHEN contradiction IS NOT NULL THEN 'contradicted'
           WHEN report.id IS NULL AND split_part(arriving.channel, '/', 1) = ANY(%(confirming)s)
               THEN 'unconfirmed'
           WHEN line.id IS NULL THEN 'unknown_conference'
           WHEN NOT joined.is_outdial AND number.id IS NULL THEN 'unknown_number'
           WHEN leg.id IS NOT NULL THEN 'conflict'
           ELSE 'accepted'
       END AS verdict
FROM arriving
LEFT JOIN conferences_channelreport AS report ON report.channel = arriving.channel
CROSS JOIN LATERAL ({_JOINED}) AS joined
LEFT JOIN conferences_leg AS leg
       ON leg.bridge = arriving.bridge AND leg.external_id = arriving.external_id
LEFT JOIN conferences_session AS held ON held.id = leg.session_id
LEFT JOIN conferences_conference AS held_by ON held_by.id = held.conference_id
LEFT JOIN conferences_conference AS line ON line.number = conference_number
LEFT JOIN conferences_dialinnumber AS number ON number.number = arriving.dialled_number
LEFT JOIN conferences_pin AS pin
       ON pin.conference_id = line.id
      AND pin.id = CASE WHEN joined.pin_reference ~ '^[0-9]{{1,18}}$'
                        THEN joined.pin_reference::bigint END
WHERE arriving.file BETWEEN %(first)s AND %(last)s
"""

JUDGED_MADE_KNOWN = """
ANALYZE judged (place, file, verdict, leg_key, session_key, bridge, session_external_id),
        arriving_file (file), arriving (place)
"""

#: Whether files touch the same legs or sessions.
ENTANGLED = f"""
SELECT EXISTS (
    SELECT FROM judged WHERE {SOUND}
    GROUP BY leg_key HAVING count(*) > 1 AND bool_or(verdict = 'accepted')
) OR EXISTS (
    SELECT FROM judged WHERE {SOUND}
    GROUP BY session_key
    HAVING min(conference_id) <> max(conference_id) AND bool_or(verdict = 'accepted')
)
"""

CONTRADICTIONS = f"""
WITH repeated AS (
    SELECT leg_key FROM judged WHERE {SOUND} GROUP BY leg_key HAVING count(*) > 1
), legs AS (
    SELECT place, min(content) OVER leg = max(content) OVER leg AS agree,
           row_number() OVER (leg ORDER BY place) > 1 AS came_before
    FROM judged JOIN repeated USING (leg_key) WHERE {SOUND}
    WINDOW leg AS (PARTITION BY bridge, external_id)
), disputed AS (
    SELECT session_key FROM judged WHERE {SOUND}
    GROUP BY session_key HAVING min(conference_id) <> max(conference_id)
), sessions AS (
    SELECT place, min(conference_id) OVER session = max(conference_id) OVER session AS agree
    FROM judged JOIN disputed USING (session_key) WHERE {SOUND}
    WINDOW session AS (PARTITION BY bridge, session_external_id)
), ruled AS (
    SELECT place, CASE WHEN agree THEN 'duplicate' ELSE 'conflict' END AS verdict
    FROM legs WHERE came_before OR NOT agree
    UNION
    SELECT place, 'conflict' FROM sessions WHERE NOT agree
    UNION
    SELECT place, 'conflict'
    FROM judged JOIN conferences_session AS held
      ON held.bridge = judged.bridge AND held.external_id = session_external_id
    WHERE held.conference_id <> judged.conference_id
), worst AS (
    SELECT place, min(verdict) AS verdict FROM ruled GROUP BY place
)
UPDATE judged SET verdict = worst.verdict
FROM worst WHERE judged.place = worst.place AND judged.verdict = 'accepted'
"""

ACCEPTED_SESSIONS = """
INSERT INTO conferences_session AS held
    (conference_id, bridge, external_id, started_at, ended_at, billing_code, keyed_code)
SELECT min(conference_id), bridge, session_external_id, min(joined_at), max(left_at), '', ''
FROM judged WHERE verdict = 'accepted'
GROUP BY bridge, session_external_id
ON CONFLICT (bridge, external_id) DO UPDATE
    SET started_at = least(held.started_at, excluded.started_at),
        ended_at = greatest(held.ended_at, excluded.ended_at)
    WHERE excluded.started_at < held.started_at OR excluded.ended_at > held.ended_at
"""

ACCEPTED_LEGS = """
INSERT INTO conferences_leg (
    session_id, bridge, external_id, joined_at, left_at, seconds, caller_name, caller_number,
    dialled_number, access_type, is_moderator, left_because, pin_id, call_file_id, position
)
SELECT held.id, judged.bridge, judged.external_id, joined_at, left_at,
       ceil(extract(epoch FROM left_at - joined_at)), caller_name, caller_number, dialled_number,
       access_type, is_moderator, left_because, pin_id, call_file_id, position
FROM judged
JOIN arriving_file USING (file)
JOIN conferences_session AS held
  ON held.bridge = judged.bridge AND held.external_id = judged.session_external_id
WHERE verdict = 'accepted'
"""

#: A session's code is the least of all that were keyed in, so that no order of coming matters.
KEYED_CODES = """
WITH keyed AS (
    SELECT bridge, session_external_id, min(billing_code COLLATE "C") AS code
    FROM judged WHERE verdict IN ('accepted', 'duplicate') AND billing_code <> ''
    GROUP BY bridge, session_external_id
)
UPDATE conferences_session AS held SET keyed_code = code
FROM keyed
WHERE held.bridge = keyed.bridge AND held.external_id = session_external_id
  AND (keyed_code = '' OR code < keyed_code COLLATE "C")
"""

COUNTED = f"""
WITH counted AS (
    SELECT file,
           count(*) FILTER (WHERE {STORED}) AS accepted,
           count(*) FILTER (WHERE {KNOWN}) AS duplicates,
           count(*) FILTER (WHERE NOT ({STORED} OR {KNOWN})) AS quarantined
    FROM judged GROUP BY file
)
UPDATE conferences_callfile AS target
SET accepted = counted.accepted, duplicates = counted.duplicates, quarantined = counted.quarantined
FROM counted JOIN arriving_file USING (file)
WHERE target.id = call_file_id
"""

#: In the order in which they must run on what is judged.
STATEMENTS = (CONTRADICTIONS, ACCEPTED_SESSIONS, ACCEPTED_LEGS, KEYED_CODES, COUNTED)
