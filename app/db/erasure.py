"""Erasing a person, as the database's owner: which columns hold words about people, and what becomes of each.

A test holds the three lists below against the schema, so that a new column of text is put into one of them.
"""

# Codes, names of staff, of agencies and of what the partnership is made of, how staff sign in, and keys and digests of
# nobody in a case.
KEPT = {
    "abuse_severity": ("stage", "kinds"),
    "action": ("status",),
    "action_update": ("status",),
    "agency": ("name", "slug", "kind", "suspended_because"),
    "api_client": ("name", "purpose", "scopes"),
    "api_credential": ("kind", "hint", "digest", "public_key"),
    "agenda_item": ("kind", "status", "outcome", "criteria"),
    "app_user": ("name", "email", "job_title"),
    "assessment": ("instrument", "instrument_version", "actuarial", "level", "grounds", "markers"),
    "attendance": ("name", "capacity", "status", "statement_version"),
    "assertion_seen": ("digest",),
    "audit": ("roles", "verb", "purpose", "digest", "hash"),
    "audit_head": ("hash",),
    "audit_seal": ("root", "public_key", "signature"),
    "audit_sealed": ("hash",),
    "authenticator": ("key_id", "sealed"),
    "break_glass": ("case_reference", "finding"),
    "case_event": ("kind",),
    "case_exclusion": ("kind",),
    "case_file": ("reference", "state", "level", "grounds", "markers", "pathway"),
    "case_grant": ("desk", "reason"),
    "ceremony": ("kind", "digest", "key_id", "sealed"),
    "contact_attempt": ("means", "outcome"),
    "contact_release": ("reason",),
    "disclosure": ("kind", "act", "items", "purpose", "basis", "nature", "channel"),
    "export_job": ("document", "format", "status", "problem"),
    "forum": ("kind", "name", "settings"),
    "idva_support": ("end_reason", "outcomes", "after"),
    "item_risk": ("about",),
    "key_date": ("kind", "starts"),
    "lawful_basis": (
        "code",
        "title",
        "help",
        "agency_kinds",
        "proposed_for",
        "article_6",
        "article_9",
        "article_10",
        "power",
    ),
    "letter": ("kind", "key_id", "sealed"),
    "meeting": ("status",),
    "notice": ("kind",),
    "openid_identity": ("issuer", "subject"),
    "openid_provider": ("name", "issuer", "client_id", "key_id", "sealed", "rules"),
    "pack_item": ("kind",),
    "partnership": ("name", "slug", "marking", "confidentiality_statement", "confidentiality_version"),
    "partnership_rule": ("rule", "version", "value", "because"),
    "party": ("key", "role"),
    "passkey": ("name", "credential_id", "public_key", "transports"),
    "password": ("hash",),
    "person": ("reference",),
    "possible_match": ("why", "status"),
    "recovery_code": ("digest",),
    "referral": ("status",),
    "retention_review": ("decision",),
    "safety_plan_item": ("status",),
    "session": ("kind", "digest", "scopes", "methods", "device", "ended_because"),
    "sharing_agreement": ("title", "version_name"),
    "sign_in_link": ("kind", "digest"),
    "support_offer": ("service", "status"),
    "throttle": ("bucket",),
    "user_role": ("role",),
}
# Free text inside a case: goes whole, whoever it is about.
WORDS = {
    "action": ("what", "reason"),
    "action_update": ("note",),
    "agenda_item": ("outcome_reason", "minutes", "safety_plan"),
    "assessment": ("judgement", "assessor", "place", "answered_by", "correction_reason"),
    "break_glass": ("reason", "review"),
    "case_exclusion": ("because",),
    "case_restriction": ("because",),
    "client_voice": ("said", "wishes"),
    "contact_attempt": ("note",),
    "contact_release": ("because",),
    "disclosure": ("detail", "to_outside", "necessity", "proportionality", "awareness", "onward", "because"),
    "idva_support": ("end_note",),
    "item_risk": ("risk",),
    "key_date": ("what",),
    "legal_hold": ("because",),
    "privileged_note": ("note",),
    "research_return": ("facts", "opinion", "shared_facts", "shared_opinion", "kept_because"),
    "research_shared": ("facts", "opinion"),
    "retention_review": ("because",),
    "safety_plan_item": ("what", "who"),
    "support_offer": ("reason",),
}
# Each dealt with by a statement of its own.
APART = {
    "agenda_item": ("reasons",),
    "agenda_pack": ("header",),
    "assessment": ("answers", "reasons"),
    "audit_detail": ("salt", "detail"),
    "case_event": ("data", "reasons"),
    "case_file": ("victim_name", "transferred_to", "line"),
    "contact_detail": ("masked",),
    "contact_index": ("kind", "key_id", "blind"),
    "contact_secret": ("key_id", "wrapped", "sealed"),
    "export_job": ("content", "file_name"),
    "idempotency": ("key", "request_digest", "headers", "body"),
    "meeting": ("cancelled_because", "without_quorum_because"),
    "pack_item": ("content",),
    "party": ("name", "relationship", "aliases", "name_keys", "details"),
    "referral": ("form", "contacts_key_id", "contacts", "digest", "result"),
    "safe_time": ("windows", "said"),
}


def words_gone(table: str) -> str:
    """$1 the partnership, $2 the cases, $3 what stands instead."""
    changes = ", ".join(f"{name} = CASE WHEN {name} <> '' THEN $3 ELSE {name} END" for name in WORDS[table])
    return f"UPDATE {table} SET {changes} WHERE partnership_id = $1 AND case_id = ANY ($2)"


PEOPLE = """
    SELECT n.partnership_id, coalesce(n.same_as, n.id) AS id, p.name AS partnership
      FROM person n JOIN partnership p ON p.id = n.partnership_id
     WHERE n.reference = $1 AND ($2::text IS NULL OR p.slug = $2)
"""
EVERY_REFERENCE = "SELECT id, reference FROM person WHERE partnership_id = $1 AND (id = $2 OR same_as = $2)"
# Their parts in cases, each case held against everybody else until the end.
PARTIES = """
    SELECT p.id, p.case_id, p.person_id, p.role, p.key, p.name, p.aliases, p.details, c.state,
           c.victim_person_id = ANY ($2) AS is_victim
      FROM party p JOIN case_file c ON c.partnership_id = p.partnership_id AND c.id = p.case_id
     WHERE p.partnership_id = $1 AND p.person_id = ANY ($2) ORDER BY p.case_id FOR UPDATE OF c, p
"""
PARTY_GONE = """
    UPDATE party SET name = $3, relationship = NULL, date_of_birth = NULL, dob_variants = '{}', aliases = '{}',
           name_keys = '{}', details = '{}' WHERE partnership_id = $1 AND id = ANY ($2)
"""
# The victim's name is on the case; free text of whoever took it over is on it too.
CASES_GONE = """
    UPDATE case_file SET victim_name = CASE WHEN victim_person_id = ANY ($3) THEN $4 ELSE victim_name END,
           transferred_to = CASE WHEN transferred_to <> '' THEN $4 ELSE transferred_to END,
           version = version + 1, updated_at = $5
     WHERE partnership_id = $1 AND id = ANY ($2)
"""
OTHERS = """
    SELECT id, details, aliases, relationship FROM party
     WHERE partnership_id = $1 AND case_id = ANY ($2) AND id <> ALL ($3)
"""
OTHER_KEPT = "UPDATE party SET details = $3, aliases = $4, relationship = $5 WHERE partnership_id = $1 AND id = $2"

CONTACTS_GONE = tuple(
    f"DELETE FROM {table} WHERE partnership_id = $1 AND party_id = ANY ($2)"
    for table in ("contact_index", "contact_secret", "contact_detail")
)
OTHER_CONTACTS = """
    SELECT id, party_id, key_id, wrapped, sealed FROM contact_secret
     WHERE partnership_id = $1 AND case_id = ANY ($2) FOR UPDATE
"""
CONTACT_KEPT = "UPDATE contact_secret SET key_id = $3, wrapped = $4, sealed = $5 WHERE partnership_id = $1 AND id = $2"

# Those of the cases, and drafts that name the person by reference.
REFERRALS = """
    SELECT id, case_id, form, result, contacts_key_id, contacts FROM referral
     WHERE partnership_id = $1 AND (case_id = ANY ($2) OR (case_id IS NULL AND EXISTS (
           SELECT 1 FROM unnest($3::text[]) AS r(reference) WHERE form::text LIKE '%"' || r.reference || '"%')))
       FOR UPDATE
"""
REFERRAL_KEPT = """
    UPDATE referral SET form = $3, result = $4, digest = NULL, contacts_key_id = $5, contacts = $6,
           version = version + 1
     WHERE partnership_id = $1 AND id = $2
"""
ASSESSMENTS = """
    SELECT id, answers, reasons, person_id = ANY ($3) AS of_erased FROM assessment
     WHERE partnership_id = $1 AND case_id = ANY ($2)
"""
ASSESSMENT_KEPT = "UPDATE assessment SET answers = $3, reasons = $4 WHERE partnership_id = $1 AND id = $2"
EVENTS = "SELECT id, data, reasons FROM case_event WHERE partnership_id = $1 AND case_id = ANY ($2)"
EVENT_KEPT = "UPDATE case_event SET data = $3, reasons = $4 WHERE partnership_id = $1 AND id = $2"
ITEMS = "SELECT id, reasons FROM agenda_item WHERE partnership_id = $1 AND case_id = ANY ($2)"
ITEM_KEPT = "UPDATE agenda_item SET reasons = $3 WHERE partnership_id = $1 AND id = $2"
# How the victim could be reached: hers to take with her; else it stays, since it keeps her safe.
SAFE_TIMES = (
    "SELECT id, said, party_id = ANY ($3) AS of_erased FROM safe_time WHERE partnership_id = $1 AND case_id = ANY ($2)"
)
SAFE_TIME_KEPT = "UPDATE safe_time SET said = $3 WHERE partnership_id = $1 AND id = $2"
SAFE_TIMES_GONE = "UPDATE safe_time SET said = '{}', windows = '[]' WHERE partnership_id = $1 AND party_id = ANY ($2)"
CIRCULATED = "SELECT id, case_id, content FROM pack_item WHERE partnership_id = $1 AND case_id = ANY ($2)"
CIRCULATED_KEPT = "UPDATE pack_item SET content = $3 WHERE partnership_id = $1 AND id = $2"
# What was written about a whole meeting loses names only: it is about every case of its list.
MEETINGS = """
    SELECT m.id, m.cancelled_because, m.without_quorum_because FROM meeting m
     WHERE m.partnership_id = $1 AND EXISTS (SELECT 1 FROM agenda_item i
           WHERE i.partnership_id = m.partnership_id AND i.meeting_id = m.id AND i.case_id = ANY ($2))
"""
MEETING_KEPT = """
    UPDATE meeting SET cancelled_because = $3, without_quorum_because = $4 WHERE partnership_id = $1 AND id = $2
"""
PACKS = """
    SELECT a.id, a.header FROM agenda_pack a WHERE a.partnership_id = $1 AND EXISTS (SELECT 1 FROM agenda_item i
           WHERE i.partnership_id = a.partnership_id AND i.meeting_id = a.meeting_id AND i.case_id = ANY ($2))
"""
PACK_KEPT = "UPDATE agenda_pack SET header = $3 WHERE partnership_id = $1 AND id = $2"
# A document of these cases is made again when somebody asks for it.
EXPORTS_GONE = """
    UPDATE export_job SET status = 'queued', content = NULL, file_name = NULL, subjects = '{}', done = 0, total = 0,
           attempt = 0, progress_at = NULL, finished_at = NULL
     WHERE partnership_id = $1 AND subjects && $2
"""
# Words beside the trail's entries about these cases, their people and their disclosures. The entries stay.
DETAILS_GONE = """
    DELETE FROM audit_detail d USING audit a
     WHERE d.partnership_id = $1 AND a.partnership_id = d.partnership_id AND a.id = d.id
       AND (a.case_id = ANY ($2) OR a.subjects && ($2 || $3 || ARRAY(
             SELECT s.id FROM disclosure s WHERE s.partnership_id = $1 AND s.case_id = ANY ($2))))
"""
ANSWERS = """
    SELECT id, case_id, headers ->> 'sealed_with' AS key_id, body FROM idempotency
     WHERE partnership_id = $1 AND id > $2 ORDER BY id LIMIT $3
"""
ANSWERS_GONE = "DELETE FROM idempotency WHERE partnership_id = $1 AND id = ANY ($2)"

# What somebody proposed, and somebody else approved: by what it hangs on, so that it can be looked at once more.
APPROVED = """
    SELECT v.id, v.partnership_id, v.case_id, c.reference, c.state, c.level = 'high' AS high_risk,
           c.children > 0 AS children, case_ended_at(c) AS ended_at, v.because,
           (SELECT json_agg(json_build_object('until_on', h.until_on, 'lifted_at', h.lifted_at)) FROM legal_hold h
             WHERE h.partnership_id = v.partnership_id AND h.case_id = v.case_id)::text AS holds,
           (SELECT json_agg(json_build_object('decision', o.decision, 'ended_at', o.ended_at,
                     'keep_until', o.keep_until, 'approved_at', o.approved_at, 'dropped_at', o.dropped_at,
                     'done_at', o.done_at) ORDER BY o.id DESC)
              FROM retention_review o
             WHERE o.partnership_id = v.partnership_id AND o.case_id = v.case_id)::text AS reviews,
           (SELECT r.value::text FROM partnership_rule r
             WHERE r.partnership_id = v.partnership_id AND r.rule = 'retention' AND r.effective_from <= $2
               AND NOT r.taken_back AND NOT EXISTS (
                     SELECT 1 FROM partnership_rule n WHERE n.partnership_id = r.partnership_id AND n.rule = r.rule
                        AND n.effective_from = r.effective_from AND n.id > r.id)
             ORDER BY r.effective_from DESC LIMIT 1) AS rules
      FROM retention_review v
      JOIN case_file c ON c.partnership_id = v.partnership_id AND c.id = v.case_id
      JOIN partnership p ON p.id = v.partnership_id
     WHERE v.approved_at IS NOT NULL AND v.dropped_at IS NULL AND v.done_at IS NULL
       AND ($1::text IS NULL OR p.slug = $1) AND ($3::uuid IS NULL OR v.id = $3)
     ORDER BY v.partnership_id, v.id
"""
# $3 today.
HOLDS = """
    SELECT c.reference FROM case_file c WHERE c.partnership_id = $1 AND c.id = ANY ($2) AND EXISTS (
      SELECT 1 FROM legal_hold h WHERE h.partnership_id = c.partnership_id AND h.case_id = c.id
         AND h.lifted_at IS NULL AND (h.until_on IS NULL OR h.until_on > $3))
     ORDER BY c.reference
"""
REFERENCES = "SELECT reference FROM person WHERE partnership_id = $1 AND id = ANY ($2)"
ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('retention ' || $1::uuid, 0))"
HELD = "SELECT 1 FROM case_file WHERE partnership_id = $1 AND id = $2 FOR UPDATE"
DONE = "UPDATE retention_review SET done_at = $3, version = version + 1 WHERE partnership_id = $1 AND id = $2"
# Everybody in one case, which is held against everybody else until the end.
EVERYBODY = """
    SELECT p.id, p.case_id, p.person_id, p.role, p.key, p.name, p.aliases, p.details, c.state,
           c.victim_person_id = p.person_id AS is_victim
      FROM party p JOIN case_file c ON c.partnership_id = p.partnership_id AND c.id = p.case_id
     WHERE p.partnership_id = $1 AND p.case_id = $2 FOR UPDATE OF c, p
"""

EVENT = """
    INSERT INTO case_event (partnership_id, id, case_id, at, kind, data, reasons)
    VALUES ($1, $2, $3, $4, 'person.erased', $5, '[]')
"""
RECORD = """
    INSERT INTO audit (partnership_id, id, at, roles, verb, case_id, subjects, purpose, request_id)
    VALUES ($1, $2, $3, '{platform_operator}', 'person.erased', $4, $5, $6, $7)
"""
