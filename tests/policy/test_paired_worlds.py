"""Paired worlds: whoever may not know of a case is answered, byte for byte, as if it had never been."""

import os
import random
from itertools import islice

import httpx
import pytest
from fastapi import FastAPI

from tests.policy.asking import differences, look, told_apart
from tests.policy.worlds import LOOKERS, SEARCHES, hide, stage
from tests.world import Clock, build_world

# `ROUNDTABLE_WORLDS=2000` for more: each is one case that one person may not know of.
WORLDS = int(os.environ.get("ROUNDTABLE_WORLDS", "104"))
# So many on one stage, then another: a stage's trail grows with each look.
ON_STAGE = 8
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
    for n in range(min(ON_STAGE, WORLDS)):
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
