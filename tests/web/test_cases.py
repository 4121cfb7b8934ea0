"""The pages of a case: what stands first, what each part says, and what may be done there and by whom."""

import re
from html import unescape
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.db.session import Database
from tests.counted import counted
from tests.glass import keep_from, restrict, used
from tests.tabs import Tab, problems
from tests.web.test_home import sign_in
from tests.world import World

PARTS = ("", "/plan", "/risk", "/meetings", "/sharing", "/timeline", "/access", "/trail")
FAMILY: dict[str, Any] = {
    "children": [{"given_name": "Leo", "family_name": "Thornbury", "date_of_birth": "2019-03-02"}]
}
TELLING = {
    "basis": "public_task",
    "necessity": "To prevent serious harm.",
    "proportionality": "Only those who can act on it hear of it.",
}
_TAG = re.compile(r"<[^>]+>")
_MAIN = re.compile(r"<main.*</main>", re.S)


@pytest.fixture
async def case(world: World) -> dict[str, Any]:
    """A high-risk case of a mother, her son and a man, that waits for the next HRDA."""
    found: dict[str, Any] = (await world.refer(**FAMILY))["case"]
    return found


def read(answer: httpx.Response) -> str:
    """What a page says, without its markup."""
    assert answer.status_code in (200, 422), (answer.status_code, answer.headers.get("location"))
    found = _MAIN.search(answer.text)
    assert found
    return " ".join(unescape(_TAG.sub(" ", found[0])).split())


def version_on(answer: httpx.Response) -> str:
    found = re.search(r'name="version" value="(\d+)"', answer.text)
    assert found
    return found[1]


async def see(tab: Tab, path: str) -> str:
    return read(await tab.get(path))


async def test_the_list_says_in_words_how_each_case_stands(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    said = await see(tab, "/cases")
    for words in (
        "Maya Thornbury",
        case["reference"],
        "High risk",
        "Listed for HRDA",
        "Monday 23 November 2026, 09:30",
    ):
        assert words in said
    assert "at_triage" not in said


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("level=high", True),
        ("level=medium", False),
        ("marker=victim_fear", True),
        ("only=repeat", False),
        ("only=mine", False),
        ("only=no_idva", True),
        ("only=new", False),
        ("state=at_triage", True),
        ("state=nonsense&cursor=nonsense", True),
    ],
)
async def test_the_list_is_narrowed_by_codes_and_what_they_cannot_mean_narrows_nothing(
    tab: Tab, world: World, database: Database, case: dict[str, Any], query: str, there: bool
) -> None:
    await sign_in(tab, database, world["coordinator"])
    assert ("Maya Thornbury" in await see(tab, f"/cases?{query}")) is there


async def test_whoever_sees_no_case_is_told_how_one_comes_to_open(tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["housing"])
    assert "No case is open to you" in await see(tab, "/cases")


async def test_how_to_reach_her_safely_stands_before_anything_else_of_the_case(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    said = await see(tab, f"/cases/{case['id']}")
    assert "Safe to call: 10:00 to 14:00." in said
    assert "Say: the surgery." in said
    assert said.index("Safe to call") < said.index("Who is who") < said.index("Why it is here")
    assert "07700" not in said
    assert "Phone ending 23, said to be safe" in said


async def test_the_summary_says_who_is_who_with_ages_and_why_the_case_is_here(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    said = await see(tab, f"/cases/{case['id']}")
    for words in ("35, born 17 April 1991", "Leo Thornbury Child", "former partner of the victim"):
        assert words in said
    assert "The case is high risk, so it goes to a meeting." in said


async def test_a_title_names_nobody(tab: Tab, world: World, database: Database, case: dict[str, Any]) -> None:
    await sign_in(tab, database, world["coordinator"])
    for part in PARTS:
        page = await tab.get(f"/cases/{case['id']}{part}")
        title = page.text.partition("<title>")[2].partition("</title>")[0]
        assert case["reference"] in title
        assert "Maya" not in title


@pytest.mark.parametrize("part", PARTS)
async def test_each_part_takes_a_few_statements_however_much_there_is(
    tab: Tab, world: World, database: Database, case: dict[str, Any], part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in(tab, database, world["coordinator"])
    taken = []
    for more in (0, 3):
        for n in range(more):
            told = {
                "what": f"Fit new locks at door {n}",
                "agency_id": str(world.agencies["council"]),
                "working_days": 2,
            }
            done = await world["coordinator"].post(f"/cases/{case['id']}/actions", told)
            assert done.status_code == 201, done.text
        async with counted(monkeypatch) as statements:
            assert (await tab.get(f"/cases/{case['id']}{part}")).status_code == 200
            taken.append(statements())
    assert taken[0] == taken[1] <= 7


async def test_the_list_takes_two_statements(
    tab: Tab, world: World, database: Database, case: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in(tab, database, world["coordinator"])
    async with counted(monkeypatch) as statements:
        await tab.get("/cases")
        assert statements() == 2


@pytest.mark.parametrize("part", [*PARTS, "/contacts", "/idva", "/moves/close", "/access/restrict", "/conflict"])
async def test_a_hidden_case_is_as_absent_as_one_that_never_was(
    tab: Tab, world: World, database: Database, case: dict[str, Any], part: str
) -> None:
    await keep_from(world, case, "chair")
    await sign_in(tab, database, world["chair"])
    hidden, absent = [await tab.get(f"/cases/{each}{part}") for each in (case["id"], uuid4())]
    assert hidden.status_code == absent.status_code == 404
    assert "Page not found" in hidden.text


async def test_a_number_is_shown_on_one_press_and_who_asked_is_in_the_trail(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    page = await tab.get(f"/cases/{case['id']}")
    hidden = dict(re.findall(r'<input type="hidden" name="(parties|reason|basis)" value="([^"]+)"', page.text))
    said = read(await tab.post(f"/cases/{case['id']}/contacts", **hidden))
    assert "07700 900123" in said
    assert "Shown to you until 03:25" in said
    assert "asked for contact details: to reach the victim" in (await see(tab, f"/cases/{case['id']}/trail")).lower()
    assert "07700" not in await see(tab, f"/cases/{case['id']}")


async def test_another_reason_must_be_said(tab: Tab, world: World, database: Database, case: dict[str, Any]) -> None:
    await sign_in(tab, database, world["coordinator"])
    page = await tab.get(f"/cases/{case['id']}/contacts")
    parties = re.findall(r'name="parties"[^>]* value="([^"]+)"', page.text)
    answer = await tab.post(f"/cases/{case['id']}/contacts", parties=parties[0], reason="other", basis="public_task")
    assert problems(answer) == "Say why"
    assert "07700" not in answer.text


async def test_contact_details_ask_first_who_one_is_when_that_was_long_ago(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    await tab.get("/cases")
    world.clock.forward(minutes=25)
    answer = await tab.post(f"/cases/{case['id']}/contacts", parties=str(uuid4()), reason="contact_victim")
    assert answer.headers["location"] == f"/confirm?next=/cases/{case['id']}/contacts"


async def test_what_may_be_done_is_offered_to_whom_it_is_allowed(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    offered = {}
    for who in ("officer", "coordinator", "health_rep"):
        await sign_in(tab, database, world[who])
        offered[who] = set(
            re.findall(rf'href="/cases/{case["id"]}/([a-z/_-]+)"', (await tab.get(f"/cases/{case['id']}")).text)
        )
    steers = {"idva"}
    works = {"actions/add", "risks/add"}
    assert offered["coordinator"] >= steers | works
    assert not offered["officer"] & (steers | works)
    assert offered["health_rep"] >= works
    assert not offered["health_rep"] & steers


async def test_a_form_that_is_not_allowed_is_refused_even_if_its_address_is_known(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["officer"])
    assert (await tab.get(f"/cases/{case['id']}/idva")).status_code == 403


async def test_the_victim_is_given_an_idva(tab: Tab, world: World, database: Database, case: dict[str, Any]) -> None:
    await sign_in(tab, database, world["coordinator"])
    page = await tab.get(f"/cases/{case['id']}/idva")
    told = {"user_id": str(world["idva"].user_id), "version": version_on(page)}
    assert (await tab.post(f"/cases/{case['id']}/idva", **told)).status_code == 303
    assert "Idva became the victim’s IDVA" in await see(tab, f"/cases/{case['id']}/timeline")


async def test_whoever_is_overtaken_keeps_what_they_typed_and_hears_by_whom(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    path = f"/cases/{case['id']}/moves/send_to_marac"
    await sign_in(tab, database, world["coordinator"])
    before = version_on(await tab.get(path))
    version = (await world["chair"].get(f"/cases/{case['id']}")).json()["version"]
    told_idva = {"user_id": str(world["idva"].user_id)}
    allocated = await world["chair"].put(f"/cases/{case['id']}/idva", told_idva, version=version)
    assert allocated.status_code == 200, allocated.text
    told = {"criteria": "not_engaging", "reason": "She has not answered for a week.", **TELLING}
    answer = await tab.post(path, version=before, **told)
    assert "Chair changed this case at" in problems(answer)
    assert "She has not answered for a week." in answer.text
    assert (await tab.post(path, version=version_on(answer), **told)).status_code == 303
    assert "Listed for MARAC" in await see(tab, f"/cases/{case['id']}")


async def test_a_move_that_lacks_its_reason_says_so_in_the_words_of_the_page(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    path = f"/cases/{case['id']}/moves/transfer"
    answer = await tab.post(path, version=version_on(await tab.get(path)))
    assert problems(answer) == "Give the reason Enter the area that takes the case"


async def test_an_action_is_promised_and_stands_in_the_plan(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["health_rep"])
    path = f"/cases/{case['id']}/actions/add"
    await tab.get(path)
    vague = await tab.post(
        path, what="Monitor and review", agency_id=str(world.agencies["health"]), due_on="2026-11-27"
    )
    assert "Be more specific" in problems(vague)
    told = {"what": "Photograph her injuries", "agency_id": str(world.agencies["health"]), "due_on": "2026-11-27"}
    assert (await tab.post(path, **told)).status_code == 303
    said = await see(tab, f"/cases/{case['id']}/plan")
    assert "Photograph her injuries" in said
    assert "Friday 27 November 2026" in said


async def test_an_action_for_an_agency_that_does_not_see_the_case_asks_for_a_basis(
    tab: Tab, world: World, database: Database
) -> None:
    case = (await world.refer(yes=4))["case"]
    await sign_in(tab, database, world["coordinator"])
    path = f"/cases/{case['id']}/actions/add"
    await tab.get(path)
    told = {"what": "Fit new locks at the home", "agency_id": str(world.agencies["housing"]), "due_on": "2026-11-27"}
    answer = await tab.post(path, **told)
    assert "Choose the lawful basis for telling those who do not see this case yet" in problems(answer)
    assert (await tab.post(path, **told, **TELLING)).status_code == 303


async def test_an_agency_says_itself_who_does_its_action_unless_the_meeting_is_run(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    path = f"/cases/{case['id']}/actions/add"
    told = {
        "what": "Fit new locks at the home",
        "agency_id": str(world.agencies["housing"]),
        "owner_id": str(world["housing_rep"].user_id),
        "due_on": "2026-11-27",
    }
    for who, may in (("health_rep", False), ("chair", True)):
        await sign_in(tab, database, world[who])
        assert (f'value="{told["owner_id"]}"' in (await tab.get(path)).text) is may
        answer = await tab.post(path, **told)
        assert answer.status_code == (303 if may else 422)
        assert may or "another agency chooses its own people" in problems(answer)


async def test_a_risk_is_named_for_the_meeting(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["health_rep"])
    page = await tab.get(f"/cases/{case['id']}/risks/add")
    item = re.search(r'name="item_id" value="([^"]+)"', page.text)
    whom = re.search(r'value="(child [^"]+)"', page.text)
    assert item
    assert whom
    told = {"item_id": item[1], "whom": whom[1], "risk": "He collects Leo from school."}
    assert (await tab.post(f"/cases/{case['id']}/risks/add", **told)).status_code == 303
    assert "Leo Thornbury: He collects Leo from school." in await see(tab, f"/cases/{case['id']}/meetings")


async def test_for_whoever_declares_a_conflict_the_case_is_gone_and_only_those_who_keep_apart_see_why(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["health_rep"])
    await tab.get(f"/cases/{case['id']}/conflict")
    answer = await tab.post(f"/cases/{case['id']}/conflict", because="She is my cousin.")
    assert answer.headers["location"] == "/cases"
    assert (await tab.get(f"/cases/{case['id']}")).status_code == 404
    seen = {}
    for who in ("coordinator", "mh_rep"):
        await sign_in(tab, database, world[who])
        seen[who] = "She is my cousin." in await see(tab, f"/cases/{case['id']}/access")
    assert seen == {"coordinator": True, "mh_rep": False}


async def test_somebody_who_was_kept_apart_is_let_back(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    path = f"/cases/{case['id']}/access"
    await tab.get(f"{path}/keep-apart")
    lacking = await tab.post(f"{path}/keep-apart", user_id=str(world["chair"].user_id))
    assert problems(lacking) == "Say why"
    kept = await tab.post(f"{path}/keep-apart", user_id=str(world["chair"].user_id), because="Her neighbour.")
    assert kept.status_code == 303
    page = await tab.get(path)
    back = re.search(r'action="([^"]+/let-back/[^"]+)"', page.text)
    assert back
    await tab.post(back[1], version="1")
    assert "They can see the case again" in await see(tab, path)


async def test_a_case_is_restricted_its_list_changed_and_the_restriction_lifted(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    world.clock.forward(minutes=5)
    await sign_in(tab, database, world["coordinator"])
    path = f"/cases/{case['id']}/access"
    await tab.get(f"{path}/restrict")
    answer = await tab.post(f"{path}/restrict", because="A party works in an agency.")
    assert answer.status_code == 303, problems(answer)
    said = await see(tab, path)
    assert "It exists only for: Coordinator." in said
    assert "They are named on the list to which the case is, or was, restricted. Community Safety : Coordinator" in said
    page = await tab.get(f"{path}/names")
    data = {
        "csrf": tab.csrf,
        "version": version_on(page),
        "named": [str(world[w].user_id) for w in ("coordinator", "chair")],
    }
    assert (await tab.client.post(f"{path}/names", data=data)).status_code == 303
    assert "Coordinator, Chair" in await see(tab, path)
    version = version_on(await tab.get(f"{path}/lift"))
    assert (await tab.post(f"{path}/lift", version=version)).status_code == 303
    assert "Restrict it to named people" in await see(tab, path)


async def test_there_is_no_list_to_change_of_a_case_that_is_open(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    assert (await tab.get(f"/cases/{case['id']}/access/lift")).status_code == 404


async def test_a_restricted_case_says_so_to_those_who_see_it(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await restrict(world, case)
    await sign_in(tab, database, world["coordinator"])
    assert "Restricted to named people" in await see(tab, f"/cases/{case['id']}/plan")


async def test_a_case_opened_in_an_emergency_says_until_when_is_for_reading_and_can_be_given_up(
    tab: Tab, world: World, database: Database
) -> None:
    case = (await world.refer(yes=4))["case"]
    await used(world, "nurse", case)
    await sign_in(tab, database, world["nurse"])
    page = await tab.get(f"/cases/{case['id']}")
    assert "You can read it until Saturday 21 November 2026, 05:10, and change nothing." in read(page)
    assert "/actions/add" not in page.text
    await tab.post(f"/cases/{case['id']}/emergency/end")
    assert (await tab.get(f"/cases/{case['id']}")).status_code == 404
    again = await tab.post(f"/cases/{case['id']}/emergency/end")
    assert again.headers["location"] == "/cases"


async def test_what_was_told_on_the_telephone_is_written_down_and_put_right(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["officer"])
    path = f"/cases/{case['id']}/sharing"
    await tab.get(f"{path}/told")
    empty = problems(await tab.post(f"{path}/told"))
    assert "Choose what it was about" in empty
    told = {"to_outside": "Her GP", "items": "incident", "purpose": "protect", "channel": "phone", "nature": "fact"}
    answer = await tab.post(f"{path}/told", **told)
    assert "Choose the lawful basis" in problems(answer)
    assert (await tab.post(f"{path}/told", **told, **TELLING)).status_code == 303
    page = await tab.get(path)
    assert "Her GP" in read(page)
    wrong = re.search(r"sharing/told\?corrects=([0-9a-f-]+)", page.text)
    assert wrong
    right = {**told, "to_outside": "Her midwife", "corrects": wrong[1]}
    assert (await tab.post(f"{path}/told", **right, **TELLING)).status_code == 303
    assert "Put right since" in await see(tab, path)


async def test_what_an_agency_decided_to_keep_is_read_by_no_other(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    path = f"/cases/{case['id']}/sharing"
    await sign_in(tab, database, world["health_rep"])
    await tab.get(f"{path}/kept")
    told = {"to_agencies": str(world.agencies["police"]), "items": "health", "purpose": "assess_risk"}
    assert problems(await tab.post(f"{path}/kept", **told)) == "Say why"
    assert (await tab.post(f"{path}/kept", **told, because="It would frighten her off.")).status_code == 303
    assert "It would frighten her off." in await see(tab, path)
    await sign_in(tab, database, world["officer"])
    assert "frighten" not in await see(tab, path)


async def test_a_service_that_was_asked_takes_the_case_on_or_says_why_not(
    tab: Tab, world: World, database: Database
) -> None:
    cases = [(await world.refer(yes=4, victim=name))["case"]["id"] for name in ("Ana Pereira", "Joy Adu")]
    await sign_in(tab, database, world["advocate"])
    said = []
    for case_id, answer in zip(cases, ("accept", "decline"), strict=True):
        page = await tab.get(f"/cases/{case_id}/plan")
        offer = re.search(r'/support/([0-9a-f-]+)/accept"', page.text)
        assert offer
        path, version = f"/cases/{case_id}/support/{offer[1]}/{answer}", version_on(page)
        reason = {}
        if answer == "decline":
            await tab.get(f"{path}?version={version}")
            assert "Say why" in problems(await tab.post(path, version=version, reason=""))
            reason = {"reason": "We are full."}
        assert (await tab.post(path, version=version, **reason)).status_code == 303
        await sign_in(tab, database, world["coordinator"])
        said.append(await see(tab, f"/cases/{case_id}/plan"))
        await sign_in(tab, database, world["advocate"])
    assert "Accepted" in said[0]
    assert "We are full." in said[1]


async def test_who_could_see_it_on_a_day_is_told_and_a_day_to_come_is_refused(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    path = f"/cases/{case['id']}/access"
    assert "Their agency referred the case." in await see(tab, path)
    assert "Nobody." in await see(tab, f"{path}?on=2026-11-20")
    for day in ("2026-12-24", "soon"):
        answer = await tab.get(f"{path}?on={day}")
        assert (answer.status_code, problems(answer)[:5]) == (422, "Enter")


async def test_the_answers_of_an_assessment_are_a_page_and_another_cases_are_not(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    page = await tab.get(f"/cases/{case['id']}/risk")
    assert "Score 15" in read(page)
    found = re.search(r"/risk/([0-9a-f-]{36})", page.text)
    assert found
    assert "Yes" in await see(tab, f"/cases/{case['id']}/risk/{found[1]}")
    other = (await world.refer(victim="Ana Pereira"))["case"]["id"]
    assert (await tab.get(f"/cases/{other}/risk/{found[1]}")).status_code == 404


async def test_what_others_did_since_one_last_looked_comes_first(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    path = f"/cases/{case['id']}"
    assert "Since you last looked" not in await see(tab, path)
    world.clock.forward(minutes=5)
    told = {"what": "Photograph her injuries", "agency_id": str(world.agencies["health"]), "working_days": 2}
    assert (await world["health_rep"].post(f"{path}/actions", told)).status_code == 201
    world.clock.forward(minutes=5)
    assert "An action was promised by Solent Hospitals (Health Rep, Solent Hospitals)" in await see(tab, path)
    assert "Since you last looked" not in await see(tab, path)


async def test_the_questions_are_asked_again_and_the_case_rises_to_what_they_say(
    tab: Tab, world: World, database: Database
) -> None:
    case = (await world.refer(yes=4))["case"]
    await sign_in(tab, database, world["officer"])
    path = f"/cases/{case['id']}/questions"
    await tab.get(path)
    assert "Give the answer to at least one question." in problems(await tab.post(path, instrument="dash-27"))
    told = {f"q{n}": "yes" if n < 20 else "no" for n in range(1, 28)}
    told |= {"instrument": "dash-27", "n18": "Twice, with a belt."}
    lacking = await tab.post(path, **told)
    assert "Choose the lawful basis" in problems(lacking)
    assert "Twice, with a belt." in lacking.text
    assert (await tab.post(path, **told, **TELLING)).status_code == 303
    said = await see(tab, f"/cases/{case['id']}/risk")
    assert "High risk" in said
    assert "Score 19" in said


async def test_what_another_agency_asked_a_moment_ago_is_taken_over_in_one_press(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["health_rep"])
    page = await tab.get(f"/cases/{case['id']}/questions")
    assert "Already asked on Saturday 21 November 2026 at 02:40 by Imran Shah, Wessex Police." in read(page)
    found = re.search(r'name="assessment" value="([^"]+)"', page.text)
    assert found
    assert (await tab.post(f"/cases/{case['id']}/questions/adopt", assessment=found[1])).status_code == 303
    assert "Answers adopted" in await see(tab, f"/cases/{case['id']}/risk")
    assert "Already asked" not in await see(tab, f"/cases/{case['id']}/questions")
