"""What docs/partner-systems.md tells a partner's developer to type is what works."""

import asyncio
import json
import os
import re
import shutil
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from tests.api.real_http import served
from tests.systems import system_of
from tests.world import World, referral_form

WRITTEN = (Path(__file__).parents[2] / "docs" / "partner-systems.md").read_text(encoding="utf-8")
SHELL = textwrap.dedent("".join(re.findall(r"^    .*\n", WRITTEN, re.MULTILINE)[:4]))
PYTHON = re.findall(r"```python\n(.*?)```", WRITTEN, re.DOTALL)


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
async def test_a_token_and_a_referral_by_the_shell(app: FastAPI, world: World, tmp_path: Path) -> None:
    assert SHELL.count("curl") == 2
    system = await system_of(world)
    (tmp_path / "referral.json").write_text(json.dumps(referral_form()))
    async with served(app) as wire:
        known = {
            "ROUNDTABLE": f"http://127.0.0.1:{wire.port}",
            "CLIENT_ID": system.client_id,
            "CLIENT_SECRET": system.secret,
        }
        run = await asyncio.create_subprocess_exec(
            "sh", "-c", SHELL, stdout=asyncio.subprocess.PIPE, cwd=tmp_path, env={**os.environ, **known}
        )
        said, _ = await run.communicate()
    answer = json.loads(said)
    assert answer["case"]["reference"].startswith("C-"), answer


async def test_a_token_by_a_key_in_python(app: FastAPI, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    making, proving = PYTHON
    world.clock.moment = datetime.now(UTC)  # which is the program's
    system = await system_of(world, secret=False)
    names: dict[str, Any] = {"CLIENT_ID": system.client_id}
    exec(making, names)  # noqa: S102  # it is our own, and this is what it is for
    jwk = json.loads(capsys.readouterr().out)
    assert "d" not in jwk
    added = await world["police_admin"].post(f"/clients/{system.client_id}/keys", {"jwk": jwk})
    assert added.status_code == 201, added.text
    async with served(app) as wire:
        names["ROUNDTABLE"] = f"http://127.0.0.1:{wire.port}"
        await asyncio.to_thread(exec, proving, names)
    assert (await system.get("/me", names["token"])).json()["is_system"] is True
