"""How full each bucket of tries is: ``until_at`` is when it will be empty."""

from app.db.statements import sql

HOLD = sql("""
    INSERT INTO throttle AS t (partnership_id, bucket, until_at)
    SELECT :partnership, b, CAST(:now AS timestamptz) FROM unnest(CAST(:buckets AS bytea[])) b
    ON CONFLICT (partnership_id, bucket) DO UPDATE SET until_at = t.until_at
    RETURNING bucket, until_at
""")
KEEP = sql("""
    UPDATE throttle t SET until_at = n.until_at
      FROM unnest(CAST(:buckets AS bytea[]), CAST(:moments AS timestamptz[])) AS n(bucket, until_at)
     WHERE t.partnership_id = :partnership AND t.bucket = n.bucket
""")
