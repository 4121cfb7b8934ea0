"""Who may ask what: for each operation the verb it needs, and what more its path decides.

The table that the matrix in ``docs/access-matrix.txt`` is written from, and run from. Services ask for the same rights;
an operation that is not here, or whose service asks for another right, fails a test.
"""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.access import Verb


class On(StrEnum):
    """What the path leads to, and so for whom it exists at all."""

    NOTHING = "nothing"
    CASE = "case"
    """A case, or something that belongs to one: it exists for those who see the case."""
    OVERSEEN = "overseen"
    """The same; and for an information-governance auditor, who sees no case, unless they are kept from this one."""
    RETAINED = "retained"
    """The same; and for those who decide how long cases are kept, unless they are kept from this one."""
    DRAFT = "draft"
    """A referral that was not sent: it exists for its author and their agency's desk."""
    OWN = "own"
    """What was made by, or for, the actor: it exists for nobody else."""
    KEPT = "kept"
    """What an agency's administrator keeps for it: it exists for them, and for the partnership's administrator."""


@dataclass(frozen=True, slots=True)
class Right:
    """What an operation needs: any of these verbs, on what its path leads to.

    sits: the actor's agency sits on the forum. own_agency: it is the agency's whose thing it is; ``unless`` the actor
    has that verb. own: it is the actor's. begun: it goes on with, or gives up, what somebody began once they had
    confirmed who they are, and does not ask again.
    """

    verbs: tuple[Verb, ...]
    on: On = On.NOTHING
    sits: bool = False
    own_agency: bool = False
    own: bool = False
    begun: bool = False
    unless: Verb | None = None


def _of(*verbs: Verb) -> Right:
    return Right(verbs)


def _on_case(verb: Verb, *, sits: bool = False) -> Right:
    return Right((verb,), On.CASE, sits=sits)


_RUNS = Right((Verb.RUN_MEETING,), sits=True)
_SUPPORTS = Right((Verb.SUPPORT_CLIENT,), On.CASE, own_agency=True)
_DRAFTS = Right((Verb.REFER,), On.DRAFT)
_RETAINS = Right((Verb.REVIEW_RETENTION,), On.RETAINED)
_KEEPS_CLIENT = Right((Verb.ADMINISTER_AGENCY,), On.KEPT)
_GRANTS_CLIENT = Right((Verb.GRANT_ACCESS,), On.KEPT)
_KEEPS_PEOPLE = Right((Verb.ADMINISTER_AGENCY,), own_agency=True, unless=Verb.ADMINISTER_PARTNERSHIP)
_GRANTS_PEOPLE = Right((Verb.GRANT_ACCESS,), own_agency=True, unless=Verb.ADMINISTER_PARTNERSHIP)

# With a query, an operation may need something else: then it is here once more, with that query.
RIGHTS: dict[str, Right] = {
    "read_me": _of(),
    # What the partnership is made of.
    "list_agencies": _of(Verb.LOOK_UP),
    "list_forums": _of(Verb.LOOK_UP),
    "list_instruments": _of(Verb.LOOK_UP),
    "list_lawful_bases": _of(Verb.LOOK_UP),
    "list_meetings": _of(Verb.LOOK_UP),
    "list_sharing_agreements": _of(Verb.LOOK_UP),
    "list_sittings": _of(Verb.LOOK_UP),
    "list_users": _of(Verb.LOOK_UP),
    "read_calendar": _of(Verb.LOOK_UP),
    "read_instrument": _of(Verb.LOOK_UP),
    "read_partnership": _of(Verb.LOOK_UP),
    "read_register": _of(Verb.LOOK_UP),
    # Cases.
    "list_cases": _of(Verb.READ),
    "read_case": _on_case(Verb.READ),
    "read_access": _on_case(Verb.READ),
    "read_timeline": _on_case(Verb.READ),
    "read_trail": _on_case(Verb.READ),
    "move_case": _on_case(Verb.MANAGE_CASE),
    "allocate_idva": _on_case(Verb.ALLOCATE_IDVA),
    "read_contacts": _on_case(Verb.READ),
    "release_contacts": _on_case(Verb.RELEASE_CONTACTS),
    "read_released_contacts": _on_case(Verb.RELEASE_CONTACTS),
    # How long cases are kept.
    "list_retention": _of(Verb.REVIEW_RETENTION),
    "read_retention": _RETAINS,
    "hold_case": _RETAINS,
    "lift_hold": _RETAINS,
    "read_periods": _of(Verb.REVIEW_RETENTION),
    "change_periods": _of(Verb.ADMINISTER_PARTNERSHIP),
    "take_back_periods": _of(Verb.ADMINISTER_PARTNERSHIP),
    "review_retention": _RETAINS,
    "approve_erasure": Right((Verb.APPROVE_ERASURE,), On.RETAINED),
    "drop_review": _RETAINS,
    # Keeping people apart.
    "declare_conflict": _on_case(Verb.DECLARE_CONFLICT),
    "list_exclusions": _on_case(Verb.KEEP_APART),
    "record_exclusion": _on_case(Verb.KEEP_APART),
    "end_exclusion": _on_case(Verb.KEEP_APART),
    "read_restriction": _on_case(Verb.READ),
    "restrict_case": _on_case(Verb.KEEP_APART),
    "rename_restriction": _on_case(Verb.KEEP_APART),
    "lift_restriction": _on_case(Verb.KEEP_APART),
    # Emergencies.
    "open_in_emergency": _of(Verb.BREAK_GLASS),
    "list_break_glass": _of(Verb.SEE_BREAK_GLASS),
    "read_break_glass": Right((Verb.SEE_BREAK_GLASS,), On.OVERSEEN),
    "end_break_glass": Right((Verb.BREAK_GLASS,), On.CASE, own=True, begun=True),
    "review_break_glass": Right((Verb.REVIEW_BREAK_GLASS,), On.OVERSEEN),
    "list_notices": _of(Verb.LOOK_UP),
    "see_notice": Right((Verb.LOOK_UP,), On.OWN),
    # Referrals, people, assessments.
    "create_referral": _of(Verb.REFER),
    "list_referrals": _of(Verb.READ),
    "read_referral": _on_case(Verb.READ),
    "revise_referral": _DRAFTS,
    "submit_referral": _DRAFTS,
    "withdraw_referral": _DRAFTS,
    "search_people": _of(Verb.REFER),
    "list_matches": _of(Verb.JOIN_PEOPLE),
    "decide_match": _of(Verb.JOIN_PEOPLE),
    "list_assessments": _on_case(Verb.READ),
    "ask_again": _on_case(Verb.ASSESS),
    "read_assessment": _on_case(Verb.READ),
    "adopt_assessment": _on_case(Verb.ASSESS),
    "correct_assessment": _on_case(Verb.ASSESS),
    # Support and actions.
    "list_support_offers": _of(Verb.READ),
    "offer_support": _on_case(Verb.MANAGE_CASE),
    "accept_support": Right((Verb.ANSWER_SUPPORT,), On.CASE, own_agency=True),
    "decline_support": Right((Verb.ANSWER_SUPPORT,), On.CASE, own_agency=True),
    "list_actions": _of(Verb.READ),
    "promise_action": _on_case(Verb.PROMISE_ACTION),
    "read_action": _on_case(Verb.READ),
    "update_action": Right((Verb.UPDATE_ACTION,), On.CASE, own_agency=True, unless=Verb.RUN_MEETING),
    # What an IDVA service does for a client.
    "read_caseload": _of(Verb.SUPPORT_CLIENT),
    "read_idva_support": _on_case(Verb.READ),
    "end_idva_support": _SUPPORTS,
    "record_severity": _SUPPORTS,
    "log_contact_attempt": _SUPPORTS,
    "set_safe_times": _SUPPORTS,
    "write_client_voice": _SUPPORTS,
    "add_key_date": _SUPPORTS,
    "change_key_date": _SUPPORTS,
    "add_plan_step": _SUPPORTS,
    "change_plan_step": _SUPPORTS,
    "list_privileged_notes": _on_case(Verb.SUPPORT_CLIENT),
    "write_privileged_note": _SUPPORTS,
    # Meetings.
    "read_meeting": _of(Verb.READ),
    "read_agenda": _of(Verb.READ),
    "list_packs": _of(Verb.READ),
    "read_pack": _of(Verb.READ),
    "read_minutes": _of(Verb.READ),
    "read_statement": _of(Verb.READ),
    "accept_statement": Right((Verb.ATTEND,), sits=True),
    "plan_meeting": _RUNS,
    "name_chair": _RUNS,
    "record_attendance": _RUNS,
    "add_case": _RUNS,
    "order_agenda": _RUNS,
    "lock_meeting": _RUNS,
    "publish_agenda": _RUNS,
    "publish_addendum": _RUNS,
    "start_meeting": _RUNS,
    "end_meeting": _RUNS,
    "issue_minutes": _RUNS,
    "cancel_meeting": _RUNS,
    "record_outcome": _on_case(Verb.RUN_MEETING, sits=True),
    "write_minutes": _on_case(Verb.RUN_MEETING, sits=True),
    "name_risk": _on_case(Verb.NAME_RISK, sits=True),
    "list_research": _of(Verb.RESEARCH),
    "answer_not_known": _of(Verb.RESEARCH),
    "read_research": _on_case(Verb.RESEARCH),
    "write_research": _on_case(Verb.RESEARCH, sits=True),
    "release_research": _on_case(Verb.RESEARCH, sits=True),
    # What leaves, and on what basis.
    "export_document": _of(Verb.EXPORT),
    "read_export": Right((Verb.EXPORT,), On.OWN, begun=True),
    "fetch_export": Right((Verb.EXPORT,), On.OWN),
    "list_disclosures": _of(Verb.READ, Verb.AUDIT),
    "list_disclosures_of_case": _on_case(Verb.READ),
    "record_disclosure": _on_case(Verb.SHARE),
    "list_disclosures_about_person": Right((Verb.READ, Verb.AUDIT), On.OVERSEEN),
    "print_disclosures_about_person": Right((Verb.READ, Verb.AUDIT), On.OVERSEEN),
    # Oversight and administration.
    "list_audit": _of(Verb.LOOK_UP),
    "list_audit?case={case_id}": _on_case(Verb.READ),
    "list_audit?scope=partnership": _of(Verb.AUDIT),
    "list_audit?scope=administration": _of(Verb.ADMINISTER_AGENCY),
    "show_audit_head": _of(Verb.KEEP_HEADS),
    "read_words": _of(Verb.ADMINISTER_PARTNERSHIP),
    "change_words": _of(Verb.ADMINISTER_PARTNERSHIP),
    "take_back_words": _of(Verb.ADMINISTER_PARTNERSHIP),
    "add_lawful_basis": _of(Verb.ADMINISTER_PARTNERSHIP),
    "end_lawful_basis": _of(Verb.ADMINISTER_PARTNERSHIP),
    "add_sharing_agreement": _of(Verb.ADMINISTER_PARTNERSHIP),
    "end_sharing_agreement": _of(Verb.ADMINISTER_PARTNERSHIP),
    "add_user": _GRANTS_PEOPLE,
    "read_user": _KEEPS_PEOPLE,
    "end_user": _KEEPS_PEOPLE,
    "give_role": _GRANTS_PEOPLE,
    "end_role": _KEEPS_PEOPLE,
    "list_accounts": _of(Verb.ADMINISTER_AGENCY),
    "export_accounts": _of(Verb.ADMINISTER_AGENCY),
    "end_sessions": _KEEPS_PEOPLE,
    "list_agencies_kept": _of(Verb.ADMINISTER_PARTNERSHIP),
    "add_agency": _of(Verb.ADMINISTER_PARTNERSHIP),
    "read_agency": _of(Verb.ADMINISTER_PARTNERSHIP),
    "rename_agency": _of(Verb.ADMINISTER_PARTNERSHIP),
    "suspend_agency": _of(Verb.ADMINISTER_PARTNERSHIP),
    "restore_agency": _of(Verb.ADMIT),
    "end_agency": _of(Verb.ADMINISTER_PARTNERSHIP),
    "list_forums_kept": _of(Verb.ADMINISTER_PARTNERSHIP),
    "read_forum": _of(Verb.ADMINISTER_PARTNERSHIP),
    "add_forum": _of(Verb.ADMIT),
    "change_forum": _of(Verb.ADMINISTER_PARTNERSHIP),
    "name_forum": _of(Verb.ADMINISTER_PARTNERSHIP),
    "take_back_forum": _of(Verb.ADMINISTER_PARTNERSHIP),
    "skip_sitting": _of(Verb.ADMINISTER_PARTNERSHIP),
    "add_sitting": _of(Verb.ADMINISTER_PARTNERSHIP),
    "add_seat": _of(Verb.ADMIT),
    "end_seat": _of(Verb.ADMINISTER_PARTNERSHIP),
    "close_forum": _of(Verb.ADMINISTER_PARTNERSHIP),
    "reopen_forum": _of(Verb.ADMINISTER_PARTNERSHIP),
    "read_rule": _of(Verb.ADMINISTER_PARTNERSHIP),
    "preview_grading": _of(Verb.ADMINISTER_PARTNERSHIP),
    "change_grading": _of(Verb.ADMINISTER_PARTNERSHIP),
    "change_routing": _of(Verb.ADMINISTER_PARTNERSHIP),
    "change_idva_norms": _of(Verb.ADMINISTER_PARTNERSHIP),
    "take_back_rule": _of(Verb.ADMINISTER_PARTNERSHIP),
    "list_providers": _of(Verb.ADMINISTER_PARTNERSHIP),
    "add_provider": _of(Verb.ADMIT),
    "read_provider": _of(Verb.ADMINISTER_PARTNERSHIP),
    "change_provider": _of(Verb.ADMIT),
    "trust_provider": _of(Verb.ADMIT),
    "end_provider": _of(Verb.ADMINISTER_PARTNERSHIP),
    # What one is signed in by oneself.
    "list_my_sessions": _of(),
    "end_my_session": Right((), On.OWN),
    "list_clients": _of(Verb.ADMINISTER_AGENCY),
    "add_client": _GRANTS_PEOPLE,
    "read_client": _KEEPS_CLIENT,
    "change_client": _GRANTS_CLIENT,
    "end_client": _KEEPS_CLIENT,
    "add_secret": _GRANTS_CLIENT,
    "add_key": _GRANTS_CLIENT,
    "end_credential": _KEEPS_CLIENT,
}
