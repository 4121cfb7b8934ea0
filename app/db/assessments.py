"""Assessments: those of a case, those of a person in the last days, and one with its answers."""

from app.db.statements import sql

# Whose answers were taken over: told to those who see that assessment. To others it would tell of a case.
ADOPTED_FROM = "(SELECT o.id FROM assessment o WHERE o.partnership_id = s.partnership_id AND o.id = s.adopted_from)"
# An assessment in a list: `s` is the assessment and `g` the agency that made it.
LINE = f"""json_build_object('id', s.id, 'case_id', s.case_id, 'person_id', s.person_id, 'instrument', s.instrument,
    'instrument_version', s.instrument_version, 'score', s.score, 'unanswered', s.unanswered,
    'could_reach', s.could_reach, 'level', s.level, 'actuarial', s.actuarial, 'markers', s.markers,
    'assessed_at', s.assessed_at, 'assessor', s.assessor, 'agency_id', s.agency_id, 'agency', g.name,
    'corrects', s.corrects, 'adopted_from', {ADOPTED_FROM})"""
# What was asked of a person lately, in every case that the actor sees; {person} says of whom.
RECENT = f"""(SELECT json_agg({LINE}) FROM assessment s
    JOIN agency g ON g.partnership_id = s.partnership_id AND g.id = s.agency_id
    WHERE s.partnership_id = :partnership AND s.person_id = {{person}} AND s.assessed_at >= :since)"""

LIST = sql(f"""
    SELECT c.id,
      coalesce((SELECT json_agg({LINE} ORDER BY s.assessed_at DESC, s.id DESC) FROM assessment s
          JOIN agency g ON g.partnership_id = s.partnership_id AND g.id = s.agency_id
         WHERE s.partnership_id = c.partnership_id AND s.case_id = c.id), '[]')::text AS items,
      (SELECT json_agg(json_build_object('person_id', p.person_id, 'person_reference', n.reference, 'name', p.name,
              'recent', {RECENT.format(person="p.person_id")}) ORDER BY p.id)
         FROM party p JOIN person n ON n.partnership_id = p.partnership_id AND n.id = p.person_id
        WHERE p.partnership_id = c.partnership_id AND p.case_id = c.id)::text AS people
      FROM case_file c WHERE c.partnership_id = :partnership AND c.id = :id
""")
ONE = sql(f"""
    SELECT s.case_id, s.person_id, json_build_object('id', s.id, 'case_id', s.case_id, 'person_reference', n.reference,
      'instrument', s.instrument, 'instrument_version', s.instrument_version, 'answers', s.answers, 'score', s.score,
      'unanswered', s.unanswered, 'could_reach', s.could_reach, 'level', s.level, 'actuarial', s.actuarial,
      'grounds', s.grounds, 'markers', s.markers, 'reasons', s.reasons, 'judgement', s.judgement,
      'assessed_at', s.assessed_at, 'assessor', s.assessor, 'place', s.place, 'answered_by', s.answered_by,
      'agency', json_build_object('id', g.id, 'name', g.name), 'recorded_by', u.name, 'recorded_at', s.created_at,
      'corrects', s.corrects, 'correction_reason', s.correction_reason, 'adopted_from', {ADOPTED_FROM},
      'corrected_by', (SELECT k.id FROM assessment k
         WHERE k.partnership_id = s.partnership_id AND k.corrects = s.id))::text AS body
      FROM assessment s
      JOIN person n ON n.partnership_id = s.partnership_id AND n.id = s.person_id
      JOIN agency g ON g.partnership_id = s.partnership_id AND g.id = s.agency_id
      JOIN app_user u ON u.partnership_id = s.partnership_id AND u.id = s.recorded_by
     WHERE s.partnership_id = :partnership AND s.id = :id
""")
CASE_OF = sql("SELECT case_id FROM assessment WHERE partnership_id = :partnership AND id = :id")
TO_BUILD_ON = sql("""
    SELECT s.*,
      EXISTS (SELECT 1 FROM assessment k WHERE k.partnership_id = s.partnership_id AND k.corrects = s.id) AS corrected,
      EXISTS (SELECT 1 FROM assessment k WHERE k.partnership_id = s.partnership_id AND k.case_id = s.case_id
               AND k.adopted_from = s.id AND k.agency_id = :agency) AS adopted
      FROM assessment s WHERE s.partnership_id = :partnership AND s.id = :id
""")
PARTY = sql("""
    SELECT person_id FROM party WHERE partnership_id = :partnership AND case_id = :case_id AND id = :id
""")
