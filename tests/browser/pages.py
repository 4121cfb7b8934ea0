"""Every page there is, for the tests that hold of each and for the screenshots. Whoever makes a page adds it here."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.db.ids import new_id
from app.db.session import Credentials
from app.services import authenticators
from tests.browser import casework, clients, keeping, referring, retaining, sittings, working
from tests.openid.arranged import shown_provider
from tests.passkeys import two_passkeys
from tests.systems import shown_system
from tests.world import World


@dataclass(frozen=True, slots=True)
class Shown:
    """A page to look at.

    name: of the test and of the picture. path: as its route has it. who: whom of the world it is shown to; None for
    somebody who is not signed in. status: what it is answered with. arrange: brings about what the page shows and
    returns its full path, for a page that needs more than its path.
    """

    name: str
    path: str
    who: str | None = None
    status: int = 200
    arrange: Callable[[World], Awaitable[str]] | None = None

    async def path_in(self, world: World) -> str:
        """Its full path."""
        return await self.arrange(world) if self.arrange else self.path


async def _of_partnership(world: World) -> str:
    return f"/sign-in?partnership=t-{world.partnership_id}"


async def _forgotten(world: World) -> str:
    return f"/forgotten?partnership=t-{world.partnership_id}"


def _of_provider(name: str, page: str) -> Shown:
    async def arrange(world: World) -> str:
        return f"/single-sign-on/{await shown_provider(world)}{page}"

    return Shown(name, f"/single-sign-on/{{provider_id}}{page}", "partnership_admin", arrange=arrange)


def _of_system(name: str, page: str) -> Shown:
    async def arrange(world: World) -> str:
        system = await shown_system(world)
        return f"/systems/{system.client_id}{page}".replace("{credential_id}", system.secret_id)

    return Shown(name, f"/systems/{{client_id}}{page}", "partnership_admin", arrange=arrange)


async def _app_begun(world: World) -> str:
    who = Credentials(world.partnership_id, world["officer"].user_id)
    begun = await world.database.run(who, authenticators.begin, world.clock(), new_id())
    return f"/account/app/{begun.id}"


async def _with_passkeys(world: World) -> str:
    await two_passkeys(world, "nurse")
    return "/account/passkeys"


async def _passkeys_name(world: World) -> str:
    return f"/account/passkeys/{await two_passkeys(world, 'nurse')}"


async def _passkeys_removal(world: World) -> str:
    return f"{await _passkeys_name(world)}/remove"


def _of_officer(name: str, page: str) -> Shown:
    async def arrange(world: World) -> str:
        return f"/people/{world['officer'].user_id}{page.replace('{role}', 'practitioner')}"

    return Shown(name, f"/people/{{person_id}}{page}", "police_admin", arrange=arrange)


def _of_agency(name: str, page: str) -> Shown:
    async def arrange(world: World) -> str:
        return f"/agencies/{world.agencies['health']}{page}"

    return Shown(name, f"/agencies/{{agency_id}}{page}", "partnership_admin", arrange=arrange)


async def _locked_out(world: World) -> str:
    path = f"/agencies/{world.agencies['substance']}"
    await world["partnership_admin"].post(f"{path}/suspend", {"because": "A laptop was stolen."})
    return f"{path}/restore"


_STEP = "/refer/{referral_id}/{step}"
_PERSON = "/refer/{referral_id}/{people}/{key}"


def _refer(name: str, path: str, page: str, draft: Callable[[World], Awaitable[str]] = referring.filled_in) -> Shown:
    return Shown(f"refer-{name}", path, "officer", arrange=referring.at(page, draft))


REFERRING: tuple[Shown, ...] = (
    Shown("refer", "/refer", "officer"),
    _refer("steps", "/refer/{referral_id}", "", referring.begun),
    _refer("victim", _STEP, "/victim"),
    _refer("contact", _STEP, "/contact"),
    _refer("perpetrators", _STEP, "/perpetrators"),
    _refer("perpetrator", _PERSON, "/perpetrators/perpetrator-1"),
    _refer("remove", "/refer/{referral_id}/{people}/{key}/remove", "/perpetrators/perpetrator-1/remove"),
    _refer("children-none", _STEP, "/children", referring.begun),
    _refer("child", _PERSON, "/children/child-1"),
    _refer("history", _STEP, "/history"),
    _refer("questions", "/refer/{referral_id}/questions", "/questions"),
    _refer("screen", "/refer/{referral_id}/screens/{screen}", "/screens/stalking-11"),
    _refer("choose", "/refer/{referral_id}/questions/choose", "/questions/choose"),
    _refer("views", _STEP, "/views"),
    _refer("access", _STEP, "/access"),
    _refer("sharing", _STEP, "/sharing", referring.begun),
    _refer("match", "/refer/{referral_id}/match/{key}", "/match/victim", referring.known),
    _refer("check-missing", "/refer/{referral_id}/check", "/check", referring.begun),
    _refer("check", "/refer/{referral_id}/check", "/check"),
    _refer("sent", "/refer/{referral_id}/sent", "/sent", referring.sent),
    _refer("withdraw", "/refer/{referral_id}/withdraw", "/withdraw", referring.begun),
)

_MEETING = "/meetings/{meeting_id}"
_ITEM = "/meetings/{meeting_id}/items/{item_id}"


def _sitting(name: str, path: str, page: Callable[[sittings.Sittings], str], who: str = "coordinator") -> Shown:
    return Shown(name, path, who, arrange=sittings.at(page))


MEETINGS: tuple[Shown, ...] = (
    _sitting("meetings", "/meetings", lambda each: "/meetings"),
    Shown("meetings-past", "/meetings", "nurse", arrange=sittings.at(lambda each: "/meetings?past=yes")),
    Shown("meetings-plan", "/meetings/plan", "coordinator"),
    _sitting("meeting", _MEETING, lambda each: f"/meetings/{each.open}"),
    _sitting("meeting-representative", _MEETING, lambda each: f"/meetings/{each.open}", "health_rep"),
    _sitting("meeting-chair", f"{_MEETING}/chair", lambda each: f"/meetings/{each.open}/chair"),
    _sitting("meeting-cancel", f"{_MEETING}/cancel", lambda each: f"/meetings/{each.open}/cancel"),
    _sitting("meeting-add", f"{_MEETING}/add", lambda each: f"/meetings/{each.open}/add"),
    _sitting("meeting-publish", f"{_MEETING}/publish", lambda each: f"/meetings/{each.open}/publish"),
    _sitting("meeting-pack", f"{_MEETING}/packs/{{number}}", lambda each: f"/meetings/{each.going}/packs/1"),
    _sitting("meeting-run", f"{_MEETING}/run", lambda each: f"/meetings/{each.going}/run"),
    _sitting("meeting-attendance", f"{_MEETING}/attendance", lambda each: f"/meetings/{each.going}/attendance"),
    _sitting("meeting-statement", f"{_MEETING}/statement", lambda each: f"/meetings/{each.going}/statement"),
    _sitting("meeting-item", _ITEM, lambda each: f"/meetings/{each.going}/items/{each.going_item}"),
    _sitting(
        "meeting-outcome", f"{_ITEM}/outcome", lambda each: f"/meetings/{each.going}/items/{each.going_item}/outcome"
    ),
    _sitting(
        "meeting-conflict",
        f"{_ITEM}/conflict",
        lambda each: f"/meetings/{each.open}/items/{each.open_item}/conflict",
        "health_rep",
    ),
    _sitting("meeting-minutes", f"{_MEETING}/minutes", lambda each: f"/meetings/{each.going}/minutes"),
    _sitting("meeting-minutes-issued", f"{_MEETING}/minutes", lambda each: f"/meetings/{each.over}/minutes"),
    _sitting("meeting-export", f"{_MEETING}/export", lambda each: f"/meetings/{each.over}/export"),
    _sitting("export", "/exports/{export_id}", lambda each: f"/exports/{each.export}"),
    Shown("research-none", "/research", "housing_rep"),
    _sitting("research", "/research", lambda each: "/research", "mh_rep"),
    _sitting("research-return", "/research/{item_id}", lambda each: f"/research/{each.open_item}", "mh_rep"),
)

WORK = (
    Shown("home-representative", "/home", "housing_rep", arrange=working.at("/home")),
    Shown("home-coordinator", "/home", "coordinator", arrange=working.at("/home")),
    Shown("home-auditor", "/home", "auditor", arrange=working.at("/home")),
    Shown("actions", "/actions", "housing_rep", arrange=working.at("/actions")),
    Shown("action", "/actions/{action_id}", "housing_rep", arrange=working.at("/actions/{owed}")),
    Shown("action-update", "/actions/{action_id}/update", "housing_rep", arrange=working.at("/actions/{owed}/update")),
    Shown(
        "action-hand-over",
        "/actions/{action_id}/hand-over",
        "coordinator",
        arrange=working.at("/actions/{owed}/hand-over"),
    ),
    Shown(
        "action-open-again",
        "/actions/{action_id}/open-again",
        "coordinator",
        arrange=working.at("/actions/{done}/open-again"),
    ),
    Shown("notices", "/notices", "auditor", arrange=working.at("/notices")),
    Shown("support", "/support", "advocate", arrange=working.at("/support")),
)

_CASE = "/cases/{case_id}"


def _case(name: str, page: str, who: str = "coordinator", *, of: str = "case", path: str = "") -> Shown:
    return Shown(f"case{name}", _CASE + (path or page), who, arrange=casework.at(f"/cases/{{{of}}}{page}"))


CASES: tuple[Shown, ...] = (
    Shown("cases", "/cases", "coordinator", arrange=casework.at("/cases")),
    _case("", ""),
    _case("-representative", "", "mh_rep"),
    _case("-emergency", "", "nurse", of="emergency"),
    _case("-restricted", "", of="restricted"),
    _case("-plan", "/plan"),
    _case("-plan-offer", "/plan", "advocate", of="supported"),
    _case("-risk", "/risk"),
    _case("-assessment", "/risk/{assessment}", path="/risk/{assessment_id}"),
    _case("-meetings", "/meetings"),
    _case("-sharing", "/sharing"),
    _case("-timeline", "/timeline"),
    _case("-access", "/access"),
    _case("-access-restricted", "/access", of="restricted"),
    _case("-trail", "/trail"),
    _case("-contacts", "/contacts"),
    _case("-told", "/sharing/told", path="/sharing/{kind}"),
    _case("-kept", "/sharing/kept", path="/sharing/{kind}"),
    _case("-move", "/moves/send_to_marac", path="/moves/{move}"),
    _case("-idva", "/idva"),
    _case("-questions", "/questions"),
    _case("-action", "/actions/add"),
    _case("-risk-named", "/risks/add"),
    _case("-conflict", "/conflict"),
    _case("-offer", "/support/offer"),
    _case(
        "-decline", "/support/{offer}/decline?version=1", "advocate", of="supported", path="/support/{offer_id}/decline"
    ),
    _case("-keep-apart", "/access/keep-apart"),
    _case("-restrict", "/access/restrict"),
    _case("-names", "/access/names", of="restricted"),
    _case("-lift", "/access/lift", of="restricted"),
)


def _of_client(name: str, page: str, path: str = "", of: str = "client", who: str = "idva") -> Shown:
    """A page about one client of the IDVA's. ``path``: as its route has it, where that is not how it ends."""
    route = f"/caseload/{{case_id}}{path or page}"
    return Shown(f"client{name}", route, who, arrange=clients.at(f"/caseload/{{{of}}}{page}"))


_CLIENTS: tuple[Shown, ...] = (
    Shown("caseload-none", "/caseload", "idva"),
    Shown("caseload", "/caseload", "idva", arrange=clients.at("/caseload")),
    Shown("caseload-service", "/caseload", "idva", arrange=clients.at("/caseload?whose=service")),
    _of_client("", ""),
    _of_client("-new", "", of="new"),
    _of_client("-for-others", "", who="coordinator"),
    _of_client("-attempts", "/attempts"),
    _of_client("-safe-times", "/safe-times"),
    _of_client("-words", "/words"),
    _of_client("-words-none", "/words", of="new"),
    _of_client("-plan", "/safety-plan"),
    _of_client("-step", "/safety-plan/{step}", "/safety-plan/{step_id}"),
    _of_client("-my-plan", "/my-plan"),
    _of_client("-dates", "/dates"),
    _of_client("-date", "/dates/{date}", "/dates/{date_id}"),
    _of_client("-change", "/change"),
    _of_client("-change-ended", "/change", of="ended"),
    _of_client("-notes", "/notes"),
    _of_client("-end", "/end"),
)


def _kept(name: str, path: str, page: str) -> Shown:
    return Shown(name, path, "partnership_admin", arrange=keeping.at(page))


_FORUM = "/forums/{forum_id}"
_KEPT: tuple[Shown, ...] = (
    _kept("forums", "/forums", "/forums"),
    Shown("forums-add", "/forums/add", "partnership_admin"),
    _kept("forum", _FORUM, "/forums/{forum}"),
    _kept("forum-change", f"{_FORUM}/change", "/forums/{forum}/change"),
    _kept("forum-name", f"{_FORUM}/name", "/forums/{forum}/name"),
    _kept("forum-take-back", f"{_FORUM}/take-back/{{since}}", "/forums/{forum}/take-back/{since}"),
    _kept("forum-skip", f"{_FORUM}/skip", "/forums/{forum}/skip"),
    _kept("forum-sit", f"{_FORUM}/sit", "/forums/{forum}/sit"),
    _kept("forum-agency", f"{_FORUM}/agencies/add", "/forums/{forum}/agencies/add"),
    _kept("forum-agency-end", f"{_FORUM}/agencies/{{agency_id}}/end", "/forums/{forum}/agencies/{agency}/end"),
    _kept("forum-close", f"{_FORUM}/close", "/forums/{forum}/close"),
    _kept("rules", "/rules", "/rules"),
    _kept("rules-grading", "/rules/{rule}", "/rules/grading"),
    _kept("rules-routing", "/rules/{rule}", "/rules/routing"),
    _kept("rules-idva", "/rules/{rule}", "/rules/idva_support"),
    _kept("rules-take-back", "/rules/{rule}/take-back/{day}", "/rules/grading/take-back/{since}"),
)


def _retained(name: str, path: str, page: str, who: str = "partnership_admin") -> Shown:
    return Shown(name, path, who, arrange=retaining.at(page))


_CASE_KEPT = "/retention/{case_id}"
_BASIS = "/lawful-bases/{basis_id}"
_AGREEMENT = "/lawful-bases/agreements/{agreement_id}"
_ADMINISTRATION: tuple[Shown, ...] = (
    _retained("administration", "/administration", "/administration"),
    Shown("administration-agency", "/administration", "police_admin"),
    _retained("words", "/words", "/words"),
    Shown("words-statement", "/words/{word}", "partnership_admin", arrange=retaining.at("/words/statement")),
    Shown("words-help", "/words/{word}", "partnership_admin", arrange=retaining.at("/words/help")),
    _retained("words-take-back", "/words/{word}/take-back/{day}", "/words/marking/take-back/2026-12-01"),
    _retained("lawful-bases", "/lawful-bases", "/lawful-bases"),
    Shown("lawful-bases-add", "/lawful-bases/add", "partnership_admin"),
    _retained("lawful-basis", _BASIS, "/lawful-bases/{basis}"),
    _retained("lawful-basis-revise", f"{_BASIS}/revise", "/lawful-bases/{basis}/revise"),
    _retained("lawful-basis-end", f"{_BASIS}/end", "/lawful-bases/{basis}/end"),
    Shown("agreement-add", "/lawful-bases/agreements/add", "partnership_admin"),
    _retained("agreement", _AGREEMENT, "/lawful-bases/agreements/{agreement}"),
    _retained("agreement-end", f"{_AGREEMENT}/end", "/lawful-bases/agreements/{agreement}/end"),
    _retained("retention", "/retention", "/retention", "auditor"),
    _retained("retention-held", "/retention", "/retention?standing=held"),
    _retained("retention-case", _CASE_KEPT, "/retention/{due}"),
    _retained("retention-case-proposed", _CASE_KEPT, "/retention/{proposed}"),
    _retained("retention-case-held", _CASE_KEPT, "/retention/{held}"),
    _retained("retention-hold", f"{_CASE_KEPT}/hold", "/retention/{due}/hold"),
    _retained("retention-decide", f"{_CASE_KEPT}/decide", "/retention/{due}/decide"),
    _retained("retention-approve", f"{_CASE_KEPT}/approve", "/retention/{proposed}/approve"),
    _retained("retention-periods", "/retention/periods", "/retention/periods"),
    _retained("retention-periods-change", "/retention/periods/change", "/retention/periods/change"),
    _retained(
        "retention-periods-back", "/retention/periods/take-back/{day}", "/retention/periods/take-back/2026-12-01"
    ),
)

PAGES: tuple[Shown, ...] = (
    *_ADMINISTRATION,
    *_KEPT,
    *_CLIENTS,
    Shown("face", "/"),
    Shown("not-found", "/nowhere", status=404),
    Shown("home-practitioner", "/home", "officer"),
    Shown("home-administrator", "/home", "partnership_admin"),
    *WORK,
    Shown("sign-in", "/sign-in", arrange=_of_partnership),
    Shown("sign-in-partnership", "/sign-in"),
    Shown("forgotten", "/forgotten", arrange=_forgotten),
    Shown("join-over", "/join", status=410),
    Shown("confirm", "/confirm", "officer"),
    Shown("password", "/account/password", "officer"),
    Shown("app", "/account/app", "officer"),
    Shown("app-set-up", "/account/app/{authenticator_id}", "officer", arrange=_app_begun),
    Shown("passkeys-none", "/account/passkeys", "officer"),
    Shown("passkeys", "/account/passkeys", "nurse", arrange=_with_passkeys),
    Shown("passkeys-add", "/account/passkeys/add", "officer"),
    Shown("passkeys-name", "/account/passkeys/{passkey_id}", "nurse", arrange=_passkeys_name),
    Shown("passkeys-remove", "/account/passkeys/{passkey_id}/remove", "nurse", arrange=_passkeys_removal),
    Shown("recovery-codes", "/account/recovery-codes", "officer"),
    Shown("account-single-sign-on", "/account/single-sign-on", "officer"),
    Shown("single-sign-on", "/single-sign-on", "partnership_admin"),
    Shown("single-sign-on-add", "/single-sign-on/add", "partnership_admin"),
    _of_provider("provider", ""),
    _of_provider("provider-change", "/change"),
    _of_provider("provider-second-factor", "/second-factor"),
    _of_provider("provider-rule", "/rules/add"),
    _of_provider("provider-end", "/end"),
    *REFERRING,
    *CASES,
    Shown("search", "/search", "officer"),
    Shown("search-contact", "/search/contact", "officer"),
    Shown("matches", "/matches", "coordinator"),
    Shown("match", "/matches/{party_id}/{other_id}", "coordinator", arrange=casework.alike),
    Shown("emergency", "/emergency", "auditor", arrange=casework.at("/emergency")),
    Shown("emergency-open", "/emergency/open", "nurse"),
    Shown("emergency-review", "/emergency/{use_id}", "auditor", arrange=casework.at("/emergency/{use}")),
    Shown("oversight", "/oversight", "auditor"),
    Shown("oversight-answer", "/oversight", "auditor", arrange=casework.overseen),
    Shown("oversight-trail", "/oversight/trail", "auditor", arrange=casework.at("/oversight/trail")),
    *MEETINGS,
    Shown("systems-none", "/systems", "police_admin"),
    Shown("systems-add", "/systems/add", "partnership_admin"),
    _of_system("system", ""),
    _of_system("system-change", "/change"),
    _of_system("system-secret", "/secrets/add"),
    _of_system("system-key", "/keys/add"),
    _of_system("system-credential-end", "/credentials/{credential_id}/end"),
    _of_system("system-end", "/end"),
    Shown("account", "/account", "officer"),
    Shown("people", "/people", "partnership_admin"),
    Shown("people-invite", "/people/invite", "partnership_admin"),
    _of_officer("person", ""),
    _of_officer("person-role", "/roles"),
    _of_officer("person-end-role", "/roles/{role}/end"),
    _of_officer("person-sign-out", "/sign-out"),
    _of_officer("person-link", "/link"),
    _of_officer("person-end", "/end"),
    Shown("agencies", "/agencies", "partnership_admin"),
    Shown("agencies-add", "/agencies/add", "partnership_admin"),
    _of_agency("agency", ""),
    _of_agency("agency-rename", "/rename"),
    _of_agency("agency-suspend", "/suspend"),
    Shown("agency-restore", "/agencies/{agency_id}/restore", "partnership_admin", arrange=_locked_out),
    _of_agency("agency-end", "/end"),
)
