"""Links by which people set up how they sign in, and what they replace."""

from app.db.statements import sql
from app.domain.access import Role
from app.domain.administration import GIVEN_BY_AGENCY

_OPEN = "used_at IS NULL AND ended_at IS NULL"
# A link goes only as far as whoever made it: as ``keeps`` says it of them, and not as they were when they made it. An
# administrator who has left, or whose colleague was given more since, could else be that colleague.
_GIVEN = ", ".join(f"'{role}'" for role in sorted({*GIVEN_BY_AGENCY, Role.PARTNER_SYSTEM}))
_MAKER_KEEPS = f"""(made_by IS NULL OR EXISTS (
    SELECT 1 FROM app_user m
      JOIN agency g ON g.partnership_id = m.partnership_id AND g.id = m.agency_id
       AND g.ended_at IS NULL AND g.suspended_at IS NULL
      JOIN user_role h ON h.partnership_id = m.partnership_id AND h.user_id = m.id AND h.ended_at IS NULL
      JOIN app_user u ON u.partnership_id = m.partnership_id AND u.id = sign_in_link.user_id
     WHERE m.partnership_id = :partnership AND m.id = sign_in_link.made_by AND m.ended_at IS NULL
       AND (h.role = 'partnership_administrator' OR (h.role = 'agency_administrator' AND u.agency_id = m.agency_id
         AND NOT EXISTS (SELECT 1 FROM user_role r WHERE r.partnership_id = u.partnership_id AND r.user_id = u.id
                            AND r.ended_at IS NULL AND r.role NOT IN ({_GIVEN}))))))"""

KEEPS = sql("SELECT keeps(:user_id)")
# What there is of somebody, for whoever makes a link for them.
PERSON = sql("""
    SELECT u.email, u.agency_id, u.is_system, u.ended_at FROM app_user u
     WHERE u.partnership_id = :partnership AND u.id = :user_id
""")
# Whether somebody can sign in, or ever could, as administrators may know it.
HAS_BEEN_HERE = sql("""
    SELECT EXISTS (SELECT 1 FROM sign_in_methods_of(:user_id))
        OR EXISTS (SELECT 1 FROM sign_in_link l WHERE l.partnership_id = :partnership AND l.user_id = :user_id
                      AND l.used_at IS NOT NULL)
        OR EXISTS (SELECT 1 FROM session s WHERE s.partnership_id = :partnership AND s.user_id = :user_id
                      AND s.kind = 'web')
""")
# What somebody asks for themself, or another asks in their name, ends only what was asked for before.
END_OPEN = sql(f"""
    UPDATE sign_in_link SET ended_at = :now WHERE partnership_id = :partnership AND user_id = :user_id AND {_OPEN}
       AND until_at > :now AND (NOT :only_asked OR (kind = 'reset' AND made_by IS NULL))
    RETURNING id
""")
_LINK = "id, user_id, kind, made_by"
OPEN = sql(f"""
    SELECT {_LINK} FROM sign_in_link
     WHERE partnership_id = :partnership AND digest = :digest AND {_OPEN} AND until_at > :now
       AND {_MAKER_KEEPS}
""")
STILL_OPEN = sql(f"""
    SELECT {_LINK} FROM sign_in_link
     WHERE partnership_id = :partnership AND id = :id AND {_OPEN} AND until_at > :now AND {_MAKER_KEEPS}
""")
USE = sql(f"""
    UPDATE sign_in_link SET used_at = :now
     WHERE partnership_id = :partnership AND id = :id AND user_id = :user_id AND {_OPEN} AND until_at > :now
       AND {_MAKER_KEEPS}
    RETURNING {_LINK}
""")
# Whom a link is for, as its page says it. Whoever has left, or whose agency is locked out, is nobody.
INVITED = sql("""
    SELECT u.email, u.name, g.name AS agency, m.name AS by, EXISTS (SELECT 1 FROM password p
             WHERE p.partnership_id = u.partnership_id AND p.user_id = u.id AND p.hash IS NOT NULL) AS has_password
      FROM app_user u
      JOIN agency g ON g.partnership_id = u.partnership_id AND g.id = u.agency_id
       AND g.ended_at IS NULL AND g.suspended_at IS NULL
      LEFT JOIN app_user m ON m.partnership_id = u.partnership_id AND m.id = :made_by
     WHERE u.partnership_id = :partnership AND u.id = :user_id AND u.ended_at IS NULL
""")
# Each as the person themself, before what they set up anew is added. An app that is being set up stays.
END_PASSWORD = sql("""
    UPDATE password SET hash = NULL, set_at = :now
     WHERE partnership_id = :partnership AND user_id = :user_id AND hash IS NOT NULL RETURNING id
""")
END_APP = sql("""
    UPDATE authenticator SET ended_at = :now WHERE partnership_id = :partnership AND user_id = :user_id
       AND confirmed_at IS NOT NULL AND ended_at IS NULL RETURNING id
""")
END_PASSKEYS = sql("""
    UPDATE passkey SET ended_at = :now WHERE partnership_id = :partnership AND user_id = :user_id
       AND ended_at IS NULL RETURNING id
""")
END_IDENTITIES = sql("""
    UPDATE openid_identity SET ended_at = :now WHERE partnership_id = :partnership AND user_id = :user_id
       AND ended_at IS NULL RETURNING id
""")
# Who has an account by that e-mail, and could sign in to it.
BY_EMAIL = sql("""
    SELECT u.id AS user_id, u.agency_id, EXISTS (SELECT 1 FROM password p
             WHERE p.partnership_id = u.partnership_id AND p.user_id = u.id AND p.hash IS NOT NULL) AS has_password
      FROM app_user u JOIN agency g ON g.partnership_id = u.partnership_id AND g.id = u.agency_id
       AND g.ended_at IS NULL AND g.suspended_at IS NULL
     WHERE u.partnership_id = :partnership AND u.email = :email AND u.ended_at IS NULL AND NOT u.is_system
""")
# Where the partnership's administrators sit.
ADMINISTRATING = sql("""
    SELECT DISTINCT u.agency_id FROM user_role r
      JOIN app_user u ON u.partnership_id = r.partnership_id AND u.id = r.user_id AND u.ended_at IS NULL
     WHERE r.partnership_id = :partnership AND r.role = 'partnership_administrator' AND r.ended_at IS NULL
""")
