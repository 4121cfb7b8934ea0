"""Generated worlds: a partnership at work, and cases in it that one person may not know of."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from tests.policy.asking import Hand
from tests.world import World, referral_form

# Who looks, and what can keep a case from them. Whoever holds no seat at a desk may simply never have been told.
LOOKERS: dict[str, tuple[str, ...]] = {
    "nurse": ("never", "apart", "restricted"),
    "mh_rep": ("apart", "restricted", "never"),
    "coordinator": ("apart", "restricted"),
    "chair": ("apart", "restricted"),
    "idva": ("apart", "restricted"),
    "officer": ("apart", "restricted", "never"),
    "safeguarding": ("apart", "restricted"),
    "triage": ("apart", "restricted"),
    "housing": ("never", "apart", "restricted"),
    "system": ("apart", "restricted"),
    "police_admin": ("never", "restricted"),
    "partnership_admin": ("never", "apart"),
    "operator": ("never",),
}
SECOND_NAMES = ("Quillfeather", "Ostrander", "Vexley", "Marchbanks", "Tamsin-Orr", "Ibbetson")
KNOWN = {"given_name": "Maya", "family_name": "Thornbury", "date_of_birth": "1991-04-17"}
SEARCHES = (
    KNOWN,
    {"given_name": "Dale", "family_name": "Harrow", "date_of_birth": "1988-01-30"},
    {"phone": "07700 900123"},
    {"phone": "07700 900777"},
    {"postcode": "SO14 9ZZ"},
    {"email": "maya@home.example"},
    *({"given_name": "Perpetua", "family_name": name, "date_of_birth": "1979-02-03"} for name in SECOND_NAMES),
)
ANY = {"If-Match": "*"}
WHY = {"reason": "A conflict of interest."}


@dataclass
class Stage:
    """A partnership in which everybody can act, with the ids of what is there to be asked for."""

    world: World
    looker: str
    hands: dict[str, Hand]
    known: dict[str, list[str]]
    done: Counter[str] = field(default_factory=Counter)

    @property
    def steer(self) -> Hand:
        """Somebody who runs cases and meetings, and is not the one who looks."""
        return self.hands["chair" if self.looker == "coordinator" else "coordinator"]

    def note(self, what: str, answer: httpx.Response) -> Any:
        """Count an act; its body when it was done. A fault is never passed over."""
        assert answer.status_code < 500, (what, answer.text)
        done = answer.status_code < 300
        self.done[what if done else f"{what}: {answer.status_code}"] += 1
        return answer.json() if done else None


@dataclass
class Hidden:
    """A case that the looker may not know of: its ids, by the names that paths give them, and words that are its."""

    how: str
    ids: dict[str, list[str]]
    words: list[str]


async def stage(world: World, looker: str) -> Stage:
    """Monday morning: an agenda circulated, the next list begun, a MARAC ahead, a family with a support service."""
    hands = {who: Hand(person, who) for who, person in world.people.items()}
    made = Stage(world, looker, hands, {})
    officer, steer = hands["officer"], made.steer
    first = await _refer(officer, contact={"phones": [{"number": "07700 900123", "safe": True}]})
    path = f"/cases/{first['case']['id']}"
    item = first["route"]["agenda_item_id"]
    form = {"what": "Fit new locks at the home", "agency_id": str(world.agencies["housing"]), "working_days": 2}
    action = await _done(steer.act("POST", f"{path}/actions", form))
    await _done(hands["mh_rep"].act("PUT", f"/agenda-items/{item}/research", RESEARCH, **{"If-Match": '"0"'}))
    to_marac = await _refer(officer, victim="Orla Fairweather")
    world.clock.set(2026, 11, 23, 8, 45)
    for hand in hands.values():
        hand.__post_init__()  # a token lasts an hour
    monday = first["route"]["meeting_id"]
    for verb in ("lock", "publish"):
        await _done(steer.act("POST", f"/meetings/{monday}/{verb}", {}, **ANY))
    sent = {"move": "send_to_marac", "reason": "Far too dangerous to wait.", "criteria": ["professional_judgement"]}
    await steer.act("POST", f"/cases/{to_marac['case']['id']}/moves", sent, **ANY)
    second = await _refer(officer, victim="Bel Abernathy")
    support = await _refer(hands["housing"], yes=4, victim="Wren Castellane")
    offered = support["route"]["support_offer_id"]
    ahead = (await steer.ask("GET", "/meetings?limit=200")).json()["items"]
    meetings = [next(each for each in ahead if each["forum"]["kind"] == "marac")["id"], second["route"]["meeting_id"]]
    assessments = (await steer.ask("GET", f"{path}/assessments")).json()["items"]
    own = hands[looker]
    draft = await own.ask("POST", "/referrals", {"victim": KNOWN})
    export = await own.act("POST", f"/meetings/{monday}/exports", {"document": "agenda", "format": "docx"})
    await world.app.state.exports.idle()
    made.known = {
        "case_id": [each["case"]["id"] for each in (first, second, support)],
        "action_id": [action["id"]],
        "item_id": [item, second["route"]["agenda_item_id"]],
        "assessment_id": [each["id"] for each in assessments][:1],
        "referral_id": [first["referral_id"], *([draft.json()["id"]] if draft.status_code == 201 else [])],
        "offer_id": [offered],
        "meeting_id": [monday, *meetings],
        "forum_id": [str(each) for each in world.forums.values()],
        "export_id": [export.json()["id"] if export.status_code == 202 else str(uuid4())],
        **{
            name: [str(uuid4())]
            for name in (
                "use_id",
                "notice_id",
                "basis_id",
                "agreement_id",
                "exclusion_id",
                "client_id",
                "provider_id",
            )
        },
        "user_id": [str(world["idva"].user_id)],
        "agency_id": [str(world.agencies["police"])],
        "person_reference": [first["people"][0]["person_reference"], support["people"][0]["person_reference"]],
    }
    # Administrators are told when each of their people was last here, whatever it was that they did.
    for each in hands.values():
        await each.ask("GET", "/me")
    return made


RESEARCH = {"known": True, "facts": "Seen in March.", "shared_facts": "Seen in March.", "release": True}


async def _refer(hand: Hand, **changes: Any) -> dict[str, Any]:
    contact = changes.pop("contact", None)
    form = referral_form(**changes)
    if contact:
        form["victim"]["contact"] = contact
    found: dict[str, Any] = await _done(hand.act("POST", "/referrals?submit=true", form))
    return found


async def _done(answer: Any) -> Any:
    found = await answer
    assert found.status_code < 300, f"{found.request.method} {found.request.url.path}: {found.text}"
    return found.json() if found.content else None


async def hide(stage: Stage, rng: random.Random, kind: str, *, must: Sequence[str] = ()) -> Hidden:
    """A case made, worked on and kept from the looker, by other people. ``must``: what is done to it in any event."""
    world, steer = stage.world, stage.steer
    # `never`: below the threshold, so that no forum's agencies are told; and nobody of the looker's agency refers it.
    ours = world[stage.looker].agency_id
    senders = [who for who in ("officer", "housing", "nurse", "mh_rep") if world[who].agency_id != ours]
    sender = stage.hands[rng.choice(senders)]
    # A chair sees what is listed, and a coordinator everything that others may know.
    levels = (15, 20) if stage.looker == "coordinator" else (4, 15, 15, 20)
    form = _family(rng, yes=4 if kind == "never" else rng.choice(levels))
    at_once = kind != "never" and rng.random() < 0.5
    if at_once:
        named = [str(steer.person.user_id), str(sender.person.user_id)]
        looker = str(world[stage.looker].user_id)
        form["access"] = (
            {"keep_from": [looker], "because": WHY["reason"]}
            if kind == "apart"
            else {"restricted_to": named, "because": WHY["reason"]}
        )
    result = await _done(sender.act("POST", "/referrals?submit=true", form))
    case = result["case"]
    path = f"/cases/{case['id']}"
    route = result["route"] or {}
    ids = {"case_id": [case["id"]], "referral_id": [result["referral_id"]]}
    if route.get("agenda_item_id"):
        ids["item_id"] = [route["agenda_item_id"]]
    if route.get("support_offer_id"):
        ids["offer_id"] = [route["support_offer_id"]]
    if kind != "never":
        await _worked_on(stage, rng, path, ids, must)
    found = await steer.ask("GET", f"{path}/assessments")
    ids["assessment_id"] = [each["id"] for each in found.json()["items"]]
    if not at_once and kind == "apart":
        user = {"user_id": str(world[stage.looker].user_id), "because": WHY["reason"]}
        await _done(steer.act("POST", f"{path}/exclusions", user))
    elif not at_once and kind == "restricted":
        listed = {"because": WHY["reason"], "named": [str(sender.person.user_id)]}
        await _done(steer.act("POST", f"{path}/restriction", listed))
    stage.done[f"{kind}, {'from the start' if at_once else 'later'}"] += 1
    words = [case["reference"], case["id"], *(each["person_reference"] for each in result["people"])]
    return Hidden(kind, ids, words + [value for values in ids.values() for value in values])


def _family(rng: random.Random, *, yes: int) -> dict[str, Any]:
    """A family like one that the looker knows (the same name, date of birth, phone, postcode) or like none."""
    form = referral_form(yes=yes, incident={"occurred_on": "2026-11-22", "narrative": f"Again, {rng.random()}."})
    if rng.random() < 0.6:
        form["victim"] |= {
            "given_name": "Perpetua",
            "family_name": rng.choice(SECOND_NAMES),
            "date_of_birth": "1979-02-03",
        }
    form["victim"]["contact"] = {
        "addresses": [{"lines": ["14 Invented Row", "Southmere"], "postcode": "SO14 9ZZ", "current": True}],
        "phones": [{"number": rng.choice(("07700 900123", "07700 900777")), "safe": True}],
        "emails": [{"address": "maya@home.example", "safe": True}],
    }
    if rng.random() < 0.3:
        child = {"given_name": "Pip", "family_name": "Thornbury", "date_of_birth": "2018-06-01"}
        form["children"] = [{**child, "relationships": [{"to": "victim", "relationship": "son"}]}]
    return form


async def _worked_on(
    stage: Stage, rng: random.Random, path: str, ids: dict[str, list[str]], must: Sequence[str]
) -> None:
    """Some of what happens to a case: each act counts only when it was done."""
    world, steer, hands = stage.world, stage.steer, stage.hands
    others = [each for who, each in hands.items() if who in ("mh_rep", "probation_rep") and who != stage.looker]
    item = ids.get("item_id", [None])[0]

    async def action() -> None:
        owner = rng.choice(("housing", "police", "health", "idva"))
        form = {"what": "Ring her at ten", "agency_id": str(world.agencies[owner]), "working_days": 2}
        made = stage.note("action", await steer.act("POST", f"{path}/actions", form))
        if made:
            ids.setdefault("action_id", []).append(made["id"])

    async def allocate() -> None:
        form = {"user_id": str(world["idva"].user_id)}
        stage.note("idva", await steer.act("PUT", f"{path}/idva", form, **ANY))

    async def research() -> None:
        if item:
            hand = rng.choice(others)
            answer = await hand.act("PUT", f"/agenda-items/{item}/research", RESEARCH, **{"If-Match": '"0"'})
            stage.note("research", answer)

    async def risk() -> None:
        if item:
            form = {"risk": "A knife in the kitchen.", "about": "victim"}
            stage.note("risk", await rng.choice(others).act("POST", f"/agenda-items/{item}/risks", form))

    async def marac() -> None:
        form = {"move": "send_to_marac", "reason": "Far too dangerous.", "criteria": ["professional_judgement"]}
        stage.note("marac", await steer.act("POST", f"{path}/moves", form, **ANY))

    async def close() -> None:
        form = {"move": "close", "reason": "It is over now."}
        stage.note("close", await steer.act("POST", f"{path}/moves", form, **ANY))

    async def support() -> None:
        stage.note("support", await steer.act("POST", f"{path}/support-offers", {"service": "pippa"}))

    async def late() -> None:
        monday = stage.known["meeting_id"][0]
        added = await steer.act(
            "POST", f"/meetings/{monday}/items", {"case_id": path[7:], "reason": "Cannot wait."}, **ANY
        )
        if stage.note("late", added):
            sent = await steer.act("POST", f"/meetings/{monday}/addenda", {}, **ANY)
            stage.note("addendum", sent)

    async def seen() -> None:
        for tail in ("", "/timeline", "/trail", "/contacts", "/access"):
            stage.note("seen", await steer.ask("GET", f"{path}{tail}"))

    async def glass() -> None:
        who = next(each for each in ("housing", "nurse") if each != stage.looker)
        seen = await steer.ask("GET", path)
        form = {"reference": seen.json()["reference"], "reason": "He has found her and is on his way.", "hours": 1}
        stage.note("glass", await hands[who].act("POST", "/break-glass", form))

    acts = {
        each.__name__: each for each in (action, allocate, research, risk, marac, close, support, late, seen, glass)
    }
    for name in dict.fromkeys([*must, *rng.sample(sorted(acts), 4)]):
        await acts[name]()


async def go_on(stage: Stage) -> None:
    """What others go on to do that anybody may know of: one more family, added to the circulated list by hand."""
    monday, steer = stage.known["meeting_id"][0], stage.steer
    case = (await _refer(stage.hands["officer"], victim="Nell Ashdown"))["case"]["id"]
    await _done(steer.act("POST", f"/meetings/{monday}/items", {"case_id": case, "reason": "Cannot wait."}, **ANY))
    await _done(steer.act("POST", f"/meetings/{monday}/addenda", {}, **ANY))
    stage.known["number"] = ["1", "2", "3", "4"]


async def act_alone(hand: Hand, monday: str) -> list[tuple[str, httpx.Response]]:
    """What somebody goes on to do, knowing of nothing: refer families, keep a draft, add to lists, make a document."""
    done = []
    for victim, yes in (("Maya Thornbury", 16), ("Perpetua Quillfeather", 15), ("Perpetua Vexley", 3)):
        form = referral_form(victim=victim, yes=yes, incident={"occurred_on": "2026-11-22", "narrative": "Once more."})
        form["victim"]["contact"] = {"phones": [{"number": "07700 900777", "safe": True}]}
        sent = await hand.act("POST", "/referrals?submit=true", form)
        done.append((f"refer {victim}", sent))
        if sent.status_code == 201:
            case = sent.json()["case"]["id"]
            move = {"move": "send_to_marac", "reason": "Too dangerous.", "criteria": ["professional_judgement"]}
            done.append(("move", await hand.act("POST", f"/cases/{case}/moves", move, **ANY)))
            late = {"case_id": case, "reason": "Cannot wait."}
            done.append(("add", await hand.act("POST", f"/meetings/{monday}/items", late, **ANY)))
            done.append(("addendum", await hand.act("POST", f"/meetings/{monday}/addenda", {}, **ANY)))
    done.append(("draft", await hand.act("POST", "/referrals", referral_form())))
    for kind in ("ics", "docx"):
        asked = await hand.act("POST", f"/meetings/{monday}/exports", {"document": "agenda", "format": kind})
        await hand.person.app.state.exports.idle()
        if asked.status_code == 202:
            done.append((kind, await hand.ask("GET", f"/exports/{asked.json()['id']}/file")))
    return done
