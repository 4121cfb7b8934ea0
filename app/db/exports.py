"""Documents being made: one job for one recipient, told on by whoever works on it."""

from app.db.statements import sql

CAN_EXPORT = sql("""
    SELECT m.status, EXISTS (SELECT 1 FROM agenda_pack p WHERE p.partnership_id = m.partnership_id
             AND p.meeting_id = m.id AND (p.header ->> 'kind' = 'minutes') = :minutes) AS published
      FROM meeting m WHERE m.partnership_id = :partnership AND m.id = :id
""")
JOB = sql("""
    SELECT status, attempt, progress_at, json_build_object('id', id, 'meeting_id', meeting_id, 'document', document,
           'format', format, 'status', status, 'done', done, 'total', total, 'problem', problem,
           'file_name', file_name, 'created_at', created_at, 'finished_at', finished_at)::text AS body
      FROM export_job WHERE partnership_id = :partnership AND id = :id
""")
FILE = sql("""
    SELECT status, format, file_name, content, subjects, document, meeting_id FROM export_job
     WHERE partnership_id = :partnership AND id = :id
""")
# Waiting, or silent for too long: of several who would take it up, one gets it.
CLAIM = sql("""
    UPDATE export_job SET status = 'working', attempt = attempt + 1, progress_at = :now, done = 0
     WHERE partnership_id = :partnership AND id = :id
       AND (status = 'queued' OR (status = 'working' AND progress_at < :silent_since))
    RETURNING meeting_id, document, format, attempt
""")
TELL = sql("""
    UPDATE export_job SET done = :done, total = :total, progress_at = :now
     WHERE partnership_id = :partnership AND id = :id AND attempt = :attempt AND status = 'working' RETURNING id
""")
FINISH = sql("""
    UPDATE export_job SET status = 'ready', done = total, content = :content, file_name = :file_name,
           finished_at = :now, progress_at = :now
     WHERE partnership_id = :partnership AND id = :id AND attempt = :attempt AND status = 'working' RETURNING id
""")
FAIL = sql("""
    UPDATE export_job SET status = 'failed', problem = :problem, finished_at = :now
     WHERE partnership_id = :partnership AND id = :id AND attempt = :attempt AND status = 'working' RETURNING id
""")
KEEP_SUBJECTS = sql("""
    UPDATE export_job SET subjects = :subjects, total = :total WHERE partnership_id = :partnership AND id = :id
""")
FORUM_MEETINGS = sql("""
    SELECT f.kind, forum_settings(f, (SELECT actor_now())::date)::text AS settings, m.id, m.starts_at, m.status,
           m.version
      FROM forum f LEFT JOIN meeting m ON m.partnership_id = f.partnership_id AND m.forum_id = f.id
       AND m.starts_at > :since
     WHERE f.partnership_id = :partnership AND f.id = :id ORDER BY m.starts_at
""")
