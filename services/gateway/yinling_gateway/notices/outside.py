"""Calls to addresses that people typed: to public hosts alone, and to the very address that was looked at.

A name is resolved once; every address that it has must be public, and the call goes to the first of them, so that a
name that points elsewhere a moment later leads nowhere. Redirects are not followed, proxies of the environment not
used.
"""

import asyncio
import socket
import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit, urlunsplit

import httpx

from yinling_gateway.notices.domain import Failure

_SCHEMES = {"https": 443, "http": 80}


class Refused(Exception):
    """The address must not be called."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int


def check_url(url: str, *, private: bool) -> SplitResult:
    """The parts of an address that may be called, as far as it says by itself. Raises Refused with the reason.

    Args:
        url: As typed.
        private: Allow plain HTTP.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused("is not an address; write https://host/path") from error
    if not url.isascii() or any(sign <= " " for sign in url):
        raise Refused("must be written in plain letters, without spaces")
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise Refused("must begin with https://")
    if not parts.hostname or port == 0:
        raise Refused("is not an address; write https://host/path")
    if parts.username is not None or parts.fragment:
        raise Refused("must not hold a user name, a password or a #")
    return parts


async def post(url: str, body: bytes, headers: dict[str, str], *, seconds: float, private: bool) -> Answer:
    """Send a body to an address.

    Args:
        url: Where.
        body: What.
        headers: Along with it.
        seconds: All of it takes no longer.
        private: Allow plain HTTP, and private and loopback addresses.

    Raises:
        Refused: The address must not be called.
        httpx.HTTPError, OSError, TimeoutError: It cannot be reached, or does not answer in time.
    """
    parts = check_url(url, private=private)
    host = parts.hostname or ""
    async with asyncio.timeout(seconds):
        address = await _resolve(host, parts.port or _SCHEMES[parts.scheme], private=private)
        pinned = f"[{address}]" if ":" in address else address
        if parts.port:
            pinned += f":{parts.port}"
        target = urlunsplit((parts.scheme, pinned, parts.path or "/", parts.query, ""))
        async with (
            httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=seconds) as client,
            # The certificate must be that of the name, not of the number.
            client.stream(
                "POST",
                target,
                content=body,
                headers={**headers, "Host": parts.netloc},
                extensions={"sni_hostname": host},
            ) as response,
        ):
            # What it says is not read: it may be endless.
            return Answer(response.status_code)


def why(error: BaseException) -> Failure:
    """In what way a call failed: said by the error itself, or by one that it comes from."""
    kinds = {
        Failure.NAME: (socket.gaierror, UnicodeError),  # a name whose parts are too long is no name
        Failure.TLS: (ssl.SSLError,),
        Failure.REFUSED: (ConnectionRefusedError,),
        Failure.TIMEOUT: (TimeoutError, httpx.TimeoutException),
    }
    at: BaseException | None = error
    while at is not None:
        for failure, classes in kinds.items():
            if isinstance(at, classes):
                return failure
        at = at.__cause__ or at.__context__
    return Failure.BROKEN


async def _resolve(host: str, port: int, *, private: bool) -> str:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses:
        raise Refused("has no address")
    if not private and not all(_public(address) for address in addresses):
        raise Refused("is a private address, which this gateway does not call")
    return addresses[0]


def _public(address: str) -> bool:
    parsed = ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None) or getattr(parsed, "sixtofour", None)
    if getattr(parsed, "is_site_local", False):  # fec0::/10 was for private networks once, and counts as global
        return False
    return all(one.is_global and not one.is_multicast and not one.is_reserved for one in (parsed, mapped) if one)
