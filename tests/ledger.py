"""Hands for tests of the ledger: entries made by hand, and ways to read them."""

from typing import Any

from tests.world import Person, World

SHARING = {
    "basis": "public_task",
    "necessity": "The surgery must not send letters to her home.",
    "proportionality": "Only the name of the person and how to reach her safely.",
    "nature": "fact",
    "awareness": "She knows, and asked for it.",
    "onward": "Not to be put where other patients could see it.",
}


def told(**changes: Any) -> dict[str, Any]:
    form = {
        "to_outside": "Dr Lena Marsh, Invented Lane Surgery",
        "items": ["identities", "views"],
        "detail": "By letter to no one; call between ten and two.",
        "purpose": "protect",
        "channel": "phone",
        "sharing": SHARING,
    }
    return {**form, **changes}


def kept(**changes: Any) -> dict[str, Any]:
    form = {
        "kind": "withheld",
        "items": ["health"],
        "purpose": "plan",
        "because": "It would tell him where she is treated.",
    }
    return {**form, **changes}


async def case_of(world: World, **more: Any) -> str:
    found: str = (await world.refer(**more))["case"]["id"]
    return found


async def record(who: Person, case: str, form: dict[str, Any]) -> dict[str, Any]:
    answer = await who.post(f"/cases/{case}/disclosures", form)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def by_hand(who: Person, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = await who.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return [each for each in answer.json()["items"] if each["act"] == "by_hand"]


async def problems(who: Person, case: str, form: dict[str, Any]) -> list[tuple[str, str]]:
    answer = await who.post(f"/cases/{case}/disclosures", form)
    assert answer.status_code == 422, answer.text
    return [(each["pointer"], each["code"]) for each in answer.json()["errors"]]


async def person_reference(world: World, case: str, role: str = "victim", who: str = "coordinator") -> str:
    parties = (await world[who].get(f"/cases/{case}")).json()["parties"]
    return str(next(each["person_reference"] for each in parties if each["role"] == role))
