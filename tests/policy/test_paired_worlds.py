"""Paired worlds: whoever may not know of a case is answered, byte for byte, as if it had never been."""

import os
import random
from itertools import islice

import httpx
import pytest
from fastapi import FastAPI

from tests.policy.asking import Names, differences, kept, look, told_apart
from tests.policy.worlds import LOOKERS, SEARCHES, act_alone, go_on, hide, stage
from tests.world import Clock, build_world

# `ROUNDTABLE_WORLDS=2000` for more: each is one case that one person may not know of.
WORLDS = int(os.environ.get("ROUNDTABLE_WORLDS", "26"))
# So many on one stage, then another: a stage's trail grows with each look.
ON_STAGE = min(8, max(1, WORLDS // len(LOOKERS)))
PROBES = 6
STAGES = [(who, n) for n in range(-(-WORLDS // (len(LOOKERS) * ON_STAGE))) for who in LOOKERS]


@pytest.mark.parametrize(("looker", "number"), STAGES)
async def test_a_hidden_case_changes_no_byte_of_any_answer(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock, looker: str, number: int
) -> None:
    clock.reset()
    scene = await stage(await build_world(app, client, clock), looker)
    rng = random.Random(f"{looker} {number}")  # noqa: S311  # drawn by a seed, so that each run draws the same
    hand = scene.hands[looker]
    before = await look(hand, scene.known, SEARCHES)
    assert sum(status == 200 for status, _, _ in before.values()) >= (1 if looker == "operator" else 12)
    for n in range(ON_STAGE):
        kind = LOOKERS[looker][(number + n) % len(LOOKERS[looker])]
        hidden = await hide(scene, rng, kind)
        after = await look(hand, scene.known, SEARCHES)
        where = f"{looker}, stage {number}, world {n}: {hidden.how}"
        told = differences(before, after)
        assert not told, "\n".join([where, *islice(told, 12)])
        everything = b"".join(body for _, _, body in after.values())
        assert [word for word in hidden.words if word.encode() in everything] == [], where
        assert await told_apart(hand, hidden.ids, range(n * PROBES, (n + 1) * PROBES)) == [], where
        before = after
    print(f"{looker} {number}: {dict(scene.done)}")  # noqa: T201  # what was done to the hidden cases, for -s


@pytest.mark.parametrize("looker", ["officer", "coordinator", "chair", "mh_rep", "nurse"])
async def test_hidden_cases_change_nothing_of_what_becomes_of_ones_own_acts(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock, looker: str
) -> None:
    told = []
    for hiding in (False, True):
        clock.reset()
        scene = await stage(await build_world(app, client, clock), looker)
        rng = random.Random(looker)  # noqa: S311  # drawn by a seed, so that each run draws the same
        if hiding:
            for n in range(3):
                await hide(scene, rng, LOOKERS[looker][n % len(LOOKERS[looker])], must=("late",))
            assert looker == "nurse" or scene.done["addendum"], scene.done
        await go_on(scene)
        hand, names = scene.hands[looker], Names()
        done = [(what, kept(answer)) for what, answer in await act_alone(hand, scene.known["meeting_id"][0])]
        done += (await look(hand, scene.known, SEARCHES, at_once=1)).items()
        told.append([(names.plain((0, (), what.encode())), names.plain(answer)) for what, answer in done])
    assert len(told[0]) == len(told[1])
    apart = [f"{a}\n    {b}" for a, b in zip(*told, strict=True) if a != b]
    assert not apart, "\n".join(each[:1500] for each in apart[:6])


async def test_an_auditor_who_is_kept_from_a_case_finds_no_word_of_it(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
) -> None:
    clock.reset()
    scene = await stage(await build_world(app, client, clock), "auditor")
    rng = random.Random("auditor")  # noqa: S311  # drawn by a seed, so that each run draws the same
    for kind in ("apart", "restricted"):
        hidden = await hide(scene, rng, kind)
        answers = await look(scene.hands["auditor"], scene.known, SEARCHES)
        everything = b"".join(body for _, _, body in answers.values())
        assert [word for word in hidden.words if word.encode() in everything] == []


async def test_a_case_that_is_not_hidden_would_be_found(app: FastAPI, client: httpx.AsyncClient, clock: Clock) -> None:
    clock.reset()
    scene = await stage(await build_world(app, client, clock), "mh_rep")
    hand = scene.hands["mh_rep"]
    before = await look(hand, scene.known, SEARCHES)
    made = await hide(scene, random.Random(1), "never")  # noqa: S311  # below the threshold, and told to nobody
    assert differences(before, await look(hand, scene.known, SEARCHES)) == []
    form = {"what": "Ring her at ten", "agency_id": str(scene.world.agencies["mental_health"]), "working_days": 2}
    await scene.steer.act("POST", f"/cases/{made.ids['case_id'][0]}/actions", form)
    after = differences(before, await look(hand, scene.known, SEARCHES))
    assert {each.split()[1] for each in after} >= {"/cases", "/actions", "/people/search"}
