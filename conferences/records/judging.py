"""What becomes of each record that has arrived, decided set-wise in SQL.

The keys are hashes of the names; they only narrow down where to look closer.

A record is judged by itself first: no end, an end before its start, more than a day. Then by what
is stored: the same leg with the same content is a duplicate, with other content a conflict. Then by
the operator's tables: the conference and the number dialled must be known. What is left is
accepted, but for contradictions among the arrivals themselves: where one file gives a leg
different contents (or a session different conferences), nobody can say which is right and none is
accepted; otherwise the first file's stands, and later files are judged against it. So the order of
records inside a file changes nothing, and several files taken in together end as they would have
one after the other.
"""

ARRIVING = """
DROP TABLE IF EXISTS pg_temp.arriving, pg_temp.arriving_file, pg_temp.judged;
CREATE TEMP TABLE arriving_file (
    file integer, call_file_id bigint, head text, tail text
) ON COMMIT DROP;
CREATE TEMP TABLE arriving (
    place bigint, file integer, position integer, bridge text, external_id text,
    session_external_id text, conference_number text, joined_at timestamptz, left_at timestamptz,
    caller_name text, caller_number text, dialled_number text, is_outdial boolean,
    is_moderator boolean, left_because text, pin_reference text, content bigint,
    leg_key bigint, session_key bigint, problem text, raw text
) ON COMMIT DROP
"""

#: The planner must know the new table; the texts that nothing is joined by would only cost time.
MADE_KNOWN = """
SET LOCAL work_mem = '64MB';
SET LOCAL jit = off;
ANALYZE arriving (bridge, external_id, session_external_id, conference_number, dialled_number)
"""

JUDGED = """
CREATE TEMP TABLE judged ON COMMIT DROP AS
SELECT place, file, arriving.position, arriving.bridge, arriving.external_id, session_external_id,
       conference_number, arriving.joined_at, arriving.left_at, arriving.caller_name,
       arriving.caller_number, arriving.dialled_number, arriving.is_moderator,
       arriving.left_because, content, leg_key, session_key,
       line.id AS conference_id, pin.id AS pin_id,
       CASE WHEN is_outdial THEN 'out_dial' ELSE number.access_type END AS access_type,
       CASE
           WHEN problem IS NOT NULL THEN 'unreadable'
           WHEN arriving.left_at IS NULL THEN 'no_end'
           WHEN arriving.left_at < arriving.joined_at THEN 'ends_before_start'
           WHEN arriving.left_at > arriving.joined_at + interval '24 hours' THEN 'too_long'
           WHEN leg.id IS NOT NULL THEN CASE WHEN (
                   held.external_id, held_by.number, leg.joined_at, leg.left_at, leg.caller_name,
                   leg.caller_number, leg.dialled_number, leg.access_type = 'out_dial',
                   leg.is_moderator, leg.left_because, leg.pin_id
               ) IS NOT DISTINCT FROM (
                   session_external_id, conference_number, arriving.joined_at, arriving.left_at,
                   arriving.caller_name, arriving.caller_number, arriving.dialled_number,
                   is_outdial, arriving.is_moderator, arriving.left_because, pin.id
               ) THEN 'duplicate' ELSE 'conflict' END
           WHEN line.id IS NULL THEN 'unknown_conference'
           WHEN NOT is_outdial AND number.id IS NULL THEN 'unknown_number'
           ELSE 'accepted'
       END AS verdict
FROM arriving
LEFT JOIN conferences_leg AS leg
       ON leg.bridge = arriving.bridge AND leg.external_id = arriving.external_id
LEFT JOIN conferences_session AS held ON held.id = leg.session_id
LEFT JOIN conferences_conference AS held_by ON held_by.id = held.conference_id
LEFT JOIN conferences_conference AS line ON line.number = conference_number
LEFT JOIN conferences_dialinnumber AS number ON number.number = arriving.dialled_number
LEFT JOIN conferences_pin AS pin
       ON pin.conference_id = line.id
      AND pin.id = CASE WHEN pin_reference ~ '^[0-9]{1,18}$' THEN pin_reference::bigint END
"""

JUDGED_MADE_KNOWN = """
ANALYZE judged (place, file, verdict, leg_key, session_key, bridge, session_external_id),
        arriving_file (file), arriving (place)
"""

#: A session belongs to one conference: to the stored session's, or to that of the first file that
#: does not contradict itself.
SESSIONS_IN_CONFLICT = """
WITH suspect AS (
    SELECT session_key FROM judged WHERE verdict = 'accepted'
    GROUP BY session_key HAVING min(conference_id) <> max(conference_id)
), disputed AS (
    SELECT bridge, session_external_id FROM judged JOIN suspect USING (session_key)
    UNION
    SELECT judged.bridge, session_external_id
    FROM judged JOIN conferences_session AS held
      ON held.bridge = judged.bridge AND held.external_id = session_external_id
    WHERE verdict = 'accepted' AND held.conference_id <> judged.conference_id
), claimed AS (
    SELECT bridge, session_external_id, file,
           min(judged.conference_id) AS least, max(judged.conference_id) AS most
    FROM judged JOIN disputed USING (bridge, session_external_id)
    WHERE verdict = 'accepted'
    GROUP BY bridge, session_external_id, file
), agreed AS (
    SELECT DISTINCT ON (bridge, session_external_id)
           bridge, session_external_id, file, least AS conference_id
    FROM claimed WHERE least = most
    ORDER BY bridge, session_external_id, file
), ruled AS (
    SELECT disputed.bridge, session_external_id,
           coalesce(held.conference_id, agreed.conference_id) AS conference_id,
           CASE WHEN held.id IS NULL THEN agreed.file ELSE 0 END AS file
    FROM disputed
    LEFT JOIN agreed USING (bridge, session_external_id)
    LEFT JOIN conferences_session AS held
      ON held.bridge = disputed.bridge AND held.external_id = disputed.session_external_id
)
UPDATE judged SET verdict = 'conflict'
FROM ruled
WHERE verdict = 'accepted' AND judged.bridge = ruled.bridge
  AND judged.session_external_id = ruled.session_external_id
  AND (judged.conference_id = ruled.conference_id AND judged.file >= ruled.file) IS NOT TRUE
"""

#: Of the records that name one leg, one of the first file that does not contradict itself stands.
LEGS_REPEATED = """
WITH suspect AS (
    SELECT leg_key FROM judged WHERE verdict = 'accepted' GROUP BY leg_key HAVING count(*) > 1
), compared AS (
    SELECT place, file, content, bridge, external_id,
           min(content) OVER same_file = max(content) OVER same_file AS is_sure
    FROM judged JOIN suspect USING (leg_key)
    WHERE verdict = 'accepted'
    WINDOW same_file AS (PARTITION BY bridge, external_id, file)
), standing AS (
    SELECT DISTINCT ON (bridge, external_id) * FROM compared WHERE is_sure
    ORDER BY bridge, external_id, place
), ruled AS (
    SELECT compared.place,
           CASE
               WHEN standing.place = compared.place THEN 'accepted'
               WHEN standing.content = compared.content AND compared.file >= standing.file
               THEN 'duplicate'
               ELSE 'conflict'
           END AS verdict
    FROM compared LEFT JOIN standing USING (bridge, external_id)
)
UPDATE judged SET verdict = ruled.verdict
FROM ruled WHERE judged.place = ruled.place AND ruled.verdict <> 'accepted'
"""

ACCEPTED_SESSIONS = """
INSERT INTO conferences_session AS held
    (conference_id, bridge, external_id, started_at, ended_at, billing_code)
SELECT min(conference_id), bridge, session_external_id, min(joined_at), max(left_at), ''
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

COUNTED = """
WITH counted AS (
    SELECT file,
           count(*) FILTER (WHERE verdict = 'accepted') AS accepted,
           count(*) FILTER (WHERE verdict = 'duplicate') AS duplicates,
           count(*) FILTER (WHERE verdict NOT IN ('accepted', 'duplicate')) AS quarantined
    FROM judged GROUP BY file
)
UPDATE conferences_callfile AS target
SET accepted = counted.accepted, duplicates = counted.duplicates, quarantined = counted.quarantined
FROM counted JOIN arriving_file USING (file)
WHERE target.id = call_file_id
"""

#: In the order in which they must run.
STATEMENTS = (
    JUDGED,
    JUDGED_MADE_KNOWN,
    SESSIONS_IN_CONFLICT,
    LEGS_REPEATED,
    ACCEPTED_SESSIONS,
    ACCEPTED_LEGS,
    COUNTED,
)
