"""A certified OpenID provider on this machine: installed once, started once for each worker, told what to say."""

import fcntl
import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

from app.settings import ROOT

HERE = Path(__file__).parent
_INSTALL_SECONDS = 240


class Absent(Exception):
    """The provider cannot be had on this machine; why, in one sentence."""


@dataclass
class Provider:
    """One provider. ``tell`` as provider.mjs describes; what was told before stays."""

    issuer: str
    http: httpx.Client

    def tell(self, *, at: datetime | None = None, **what: Any) -> None:
        if at is not None:
            what["now"] = at.timestamp()
        self.http.post(f"{self.issuer}/test", json=what).raise_for_status()


@dataclass
class Browser:
    """What somebody's browser does at a provider: it keeps cookies, whatever their age, and goes where it is sent."""

    http: httpx.Client
    cookies: dict[str, str] = field(default_factory=dict)

    def go(self, url: str) -> str:
        """Where the provider sends the browser in the end."""
        issuer = urlsplit(url).netloc
        while urlsplit(url).netloc == issuer:
            kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            answer = self.http.get(url, headers={"cookie": kept})
            assert answer.is_redirect, answer.text
            for line in answer.headers.get_list("set-cookie"):
                name, _, value = line.partition(";")[0].partition("=")
                self.cookies[name] = value
            url = urljoin(url, answer.headers["location"])
        return url

    def answer(self, url: str) -> dict[str, str]:
        """The query that the provider gives the browser to bring back."""
        return dict(parse_qsl(urlsplit(self.go(url)).query))


def installed() -> Path:
    """The folder in which the provider is installed, at the versions that the lock file names. Raises Absent."""
    npm, lock = shutil.which("npm"), HERE / "package-lock.json"
    if npm is None or shutil.which("node") is None:
        raise Absent("there is no node 20 with npm on this machine")
    folder = ROOT / ".tools" / f"openid-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        shutil.copy(HERE / "provider.mjs", folder)
        if not (folder / "done").exists():
            shutil.copy(HERE / "package.json", folder)
            shutil.copy(lock, folder)
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
            try:
                done = subprocess.run(command, cwd=folder, capture_output=True, timeout=_INSTALL_SECONDS, check=False)
            except subprocess.TimeoutExpired:
                raise Absent("npm could not install it in time") from None
            if done.returncode != 0:
                raise Absent(f"npm could not install it (exit code {done.returncode})")
            (folder / "done").touch()
    return folder


@contextmanager
def running() -> Iterator[tuple[Provider, Provider]]:
    """Two providers, until the end of the block. Raises Absent."""
    with (
        subprocess.Popen(
            ["node", "provider.mjs"], cwd=installed(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process,
        httpx.Client(trust_env=False, follow_redirects=False) as http,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            said = process.stdout.readline()
            if not said:
                raise Absent("node could not start it")
            issuers = json.loads(said)
            yield Provider(issuers["one"], http), Provider(issuers["two"], http)
        finally:
            process.stdin.close()
