"""Somebody at the pages of one referral."""

import re
from html import unescape
from typing import Any

import httpx
from fastapi import FastAPI

from tests.tabs import Tab, problems
from tests.world import World

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
DASH = range(1, 28)


class Form:
    """Somebody at the pages of one referral."""

    def __init__(self, tab: Tab, referral: str) -> None:
        self.tab = tab
        self.path = f"/refer/{referral}"
        self.page: httpx.Response

    async def open(self, step: str = "") -> str:
        self.page = await self.tab.get(f"{self.path}/{step}".rstrip("/"))
        assert self.page.status_code == 200, (step, self.page.status_code, self.page.headers.get("location"))
        return self.page.text

    async def save(self, step: str, **fields: str) -> httpx.Response:
        """Open a step and save it with these fields, and whatever it hides."""
        await self.open(step)
        return await self.again(step, **fields)

    async def again(self, step: str, **fields: str) -> httpx.Response:
        """Save from a page as it was last opened."""
        hidden = {unescape(name): unescape(value) for name, value in _HIDDEN.findall(self.page.text)}
        data = {name: value for name, value in {**hidden, **fields}.items() if name not in ("csrf", "assessment")}
        return await self.tab.post(f"{self.path}/{step.partition('?')[0]}", **data)

    async def kept(self, app: FastAPI, world: World) -> dict[str, Any]:
        """The draft, as programs read it."""
        answer = await world["officer"].get(f"/referrals/{self.path.split('/')[2]}")
        found: dict[str, Any] = answer.json()["form"]
        return found


def to(answer: httpx.Response) -> str:
    assert answer.status_code == 303, problems(answer) or answer.text[:300]
    return str(answer.headers["location"])


async def start(tab: Tab) -> Form:
    await tab.get("/refer")
    return Form(tab, to(await tab.post("/refer")).split("/")[2])


VICTIM = {
    "given_name": "Maya",
    "family_name": "Thornbury",
    "date_of_birth-day": "17",
    "date_of_birth-month": "4",
    "date_of_birth-year": "1991",
}
HIM = {"given_name": "Dale", "family_name": "Harrow", "relationship": "former partner", "lives_with_victim": "no"}
INCIDENT = {
    "occurred_on-day": "20",
    "occurred_on-month": "nov",
    "occurred_on-year": "2026",
    "narrative": "He held her by the neck in the kitchen.",
}


async def fill_in(form: Form, yes: int = 15) -> None:
    """Everything that a referral needs, step by step."""
    await form.save("victim", **VICTIM)
    where = {"phone_0": "07700 900123", "address_0": "14 Invented Row\nSouthmere"}
    await form.save("contact", safe_to_call="yes", when="10:00 to 14:00", **where)
    await form.save("perpetrators/perpetrator-1", **HIM)
    await form.save("children/child-1", given_name="Isla", estimated_age="4", to_victim="daughter", lives_with="victim")
    await form.save("incident", **INCIDENT)
    await form.save("questions", **{f"q{n}": "yes" if n <= yes else "no" for n in DASH})
    await form.save("views", aware="yes", views="She wants him to leave her alone.")
    await save_sharing(form)
    await form.save("you", name="Imran Shah", role="Police constable", phone="01632 960101")


async def save_sharing(form: Form) -> None:
    page = await form.open("sharing")
    basis = re.search(r'name="basis" type="radio" value="([^"]+)" checked', page)
    assert basis, "a basis is proposed"
    assert "There is a risk of serious harm" in page, "and so are the reasons"
    await form.again("sharing", basis=basis[1], necessity="To prevent harm.", proportionality="Only those who can act.")
