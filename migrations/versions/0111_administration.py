"""Who keeps the partnership's people and rules: set-up, which is nobody, and administrators; never for themselves.

A role is given in one's own name. What was ended stays ended: whoever comes back is given a role again.
"""

from alembic import op

revision: str = "0111"
down_revision: str | None = "0110"
branch_labels: None = None
depends_on: None = None

APP = "roundtable_app"
TENANT = "partnership_id = (SELECT actor_partnership())"

# What the partnership is made of, and what it decides by: read by every member.
KEPT = ("partnership", "partnership_rule", "agency", "forum", "forum_member", "lawful_basis", "sharing_agreement")
# What an agency's administrator gives to their own people and systems: work on cases, and nothing that steers or
# oversees.
OWN_TO_GIVE = (
    "ARRAY['practitioner', 'safeguarding_officer', 'idva', 'agency_representative', 'triage_practitioner', "
    "'partner_system']"
)


def upgrade() -> None:
    user, agency = "(SELECT actor_user())", "(SELECT actor_agency())"
    everywhere = f"({user} IS NULL OR (SELECT actor_is('partnership_administrator')))"
    own = "(SELECT actor_is('agency_administrator'))"
    for table in KEPT:
        tenant = "id = (SELECT actor_partnership())" if table == "partnership" else TENANT
        op.execute(f"CREATE POLICY app_reads ON {table} FOR SELECT TO {APP} USING ({tenant})")
        op.execute(f"CREATE POLICY app_adds ON {table} FOR INSERT TO {APP} WITH CHECK ({tenant} AND {everywhere})")
        op.execute(f"CREATE POLICY app_changes ON {table} FOR UPDATE TO {APP} USING ({tenant} AND {everywhere})")
    beyond = (
        "EXISTS (SELECT 1 FROM user_role r WHERE r.partnership_id = app_user.partnership_id "
        f"AND r.user_id = app_user.id AND r.ended_at IS NULL AND r.role <> ALL ({OWN_TO_GIVE}))"
    )
    colleague = (
        "EXISTS (SELECT 1 FROM app_user u WHERE u.partnership_id = user_role.partnership_id "
        f"AND u.id = user_role.user_id AND u.agency_id = {agency})"
    )
    another = f"({user} IS NULL OR {{column}} <> {user})"
    ends = f"{TENANT} AND ended_at IS NOT NULL"
    for table, column, added, ended in (
        ("app_user", "id", f"agency_id = {agency}", f"agency_id = {agency} AND NOT {beyond}"),
        ("user_role", "user_id", f"role = ANY ({OWN_TO_GIVE}) AND {colleague}", None),
    ):
        may_add = f"({everywhere} OR ({own} AND {added}))"
        may_end = f"({everywhere} OR ({own} AND {ended or added}))"
        in_own_name = f" AND given_by IS NOT DISTINCT FROM {user}" if table == "user_role" else ""
        not_self = another.format(column=column)
        op.execute(f"CREATE POLICY app_reads ON {table} FOR SELECT TO {APP} USING ({TENANT})")
        op.execute(
            f"CREATE POLICY app_adds ON {table} FOR INSERT TO {APP} "
            f"WITH CHECK ({TENANT} AND {not_self}{in_own_name} AND {may_add})"
        )
        op.execute(
            f"CREATE POLICY app_ends ON {table} FOR UPDATE TO {APP} "
            f"USING ({TENANT} AND ended_at IS NULL AND {not_self} AND {may_end}) WITH CHECK ({ends})"
        )
