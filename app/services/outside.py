"""The only way from here to a server whose address somebody typed in.

Whoever may type an address could otherwise make this service ask what only it can reach. So: no address of this machine
or of the network around it, unless the deployment allows; the address that was checked is the one that is asked; no
redirects, no proxies, little time, and no more than a metadata document needs to say.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

import certifi
import httpx

SECONDS = 8.0
MOST_BYTES = 256 * 1024

_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=(\d{1,9})(?=$|[,\s])", re.IGNORECASE)
_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
_NAT64 = IPv6Network("64:ff9b::/96")


class OutOfReach(Exception):
    """No answer that can be used. ``address``: because the place asked is not one to ask. Says nothing that came."""

    def __init__(self, *, address: bool = False) -> None:
        super().__init__("not a place to ask" if address else "no usable answer")
        self.address = address


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. max_age: for how many seconds it says that it holds, if it says so."""

    status: int
    content_type: str
    body: bytes
    max_age: int | None


class Outside:
    """HTTP to other people's servers.

    private: addresses of the organisation's own network are allowed. loopback: this machine itself is, for the
    demonstration and for tests. Addresses by which clouds hand out secrets (link-local) never are.
    """

    def __init__(self, *, private: bool = False, loopback: bool = False) -> None:
        self._private = private
        self._loopback = loopback

    @property
    def loopback(self) -> bool:
        """Whether this machine itself may be asked, and then in plain http."""
        return self._loopback

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Ask for a document. Raises OutOfReach."""
        return await self._ask("GET", url, headers or {}, None)

    async def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Reply:
        """Send a form. Raises OutOfReach."""
        return await self._ask("POST", url, headers or {}, form)

    def allows(self, address: IPv4Address | IPv6Address) -> bool:
        """Whether a machine at this address may be asked."""
        inner = _inside(address)
        if inner.is_loopback:
            return self._loopback
        if inner.is_multicast or inner.is_reserved:
            return False
        return inner.is_global or (self._private and any(inner in network for network in _PRIVATE))

    async def _ask(self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None) -> Reply:
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
            async with asyncio.timeout(SECONDS):
                addresses = await self._addresses(host, parts.port or (443 if parts.scheme == "https" else 80))
                return await self._first(method, url, host, addresses, headers, form)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError, ValueError):
            raise OutOfReach from None

    async def _addresses(self, host: str, port: int) -> list[str]:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        if not addresses or not all(self.allows(ip_address(each)) for each in addresses):
            raise OutOfReach(address=True)
        return addresses

    async def _first(
        self,
        method: str,
        url: str,
        host: str,
        addresses: list[str],
        headers: Mapping[str, str],
        form: Mapping[str, str] | None,
    ) -> Reply:
        """The reply of the first address that takes the connection."""
        for last, address in ((each == addresses[-1], each) for each in addresses):
            try:
                return await self._reply(method, url, host, address, headers, form)
            except httpx.ConnectError:
                if last:
                    raise
        raise OutOfReach

    async def _reply(
        self,
        method: str,
        url: str,
        host: str,
        address: str,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None,
    ) -> Reply:
        named = httpx.URL(url)
        sent = {"accept": "application/json", **headers, "host": named.netloc.decode(), "accept-encoding": "identity"}
        # A client for each request: connections are kept by address, and two hosts may share one.
        async with (
            httpx.AsyncClient(verify=_trusted(), trust_env=False, follow_redirects=False) as client,
            client.stream(
                method,
                named.copy_with(host=address),
                headers=sent,
                data=form,
                extensions={"sni_hostname": host},
            ) as answer,
        ):
            if "content-encoding" in answer.headers:
                raise OutOfReach
            body = b""
            async for part in answer.aiter_raw():
                body += part
                if len(body) > MOST_BYTES:
                    raise OutOfReach
            aged = _MAX_AGE.search(answer.headers.get("cache-control", ""))
            kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
            return Reply(answer.status_code, kind, body, int(aged[1]) if aged else None)


@cache
def _trusted() -> ssl.SSLContext:
    context = ssl.create_default_context()
    # A small container may have no certificates of its own.
    context.load_verify_locations(certifi.where())
    return context


def _inside(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour or address
