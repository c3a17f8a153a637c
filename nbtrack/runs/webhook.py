"""One POST to one address, and to nothing else that a name or an answer may lead to.

A webhook is an address that somebody typed once and a machine calls from then on, often
from inside a network that trusts it. So the name is looked up once, every address that
it gave is judged, and the connection goes to one that was judged good: a name that means
something else a moment later changes nothing. TLS is verified against the name.
Redirects are not followed, proxies not asked, and of an answer only its first line is read.
"""

import socket
import ssl
import time
from collections.abc import Callable, Sequence
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias
from urllib.parse import SplitResult, quote, urlsplit

from nbtrack.runs.delivery import DeliveryError

TIMEOUT_S = 5.0
"""For all of it but the look-up of the name, which the system bounds."""

Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host, as text."""

Connect: TypeAlias = Callable[[tuple[str, int], float], socket.socket]
"""Opens a connection to an address within so many seconds."""

_LONGEST_LINE = 1_024
_KEPT_IN_PATHS = "/%:@!$&'()*+,;=~?"
_EMBEDDING = IPv6Network("64:ff9b::/96")  # what translates from IPv6 to IPv4


def resolved(host: str, port: int) -> list[str]:
    """Return the addresses of a host, as the system knows them.

    Raises:
        OSError: If it has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def is_public(address: str) -> bool:
    """Tell whether an address lies in the internet: not here, not near, not reserved.

    Examples:
        >>> [is_public(one) for one in ("127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1")]
        [False, False, False]
        >>> is_public("9.9.9.9")
        True
    """
    try:
        known = ip_address(address)
    except ValueError:
        return False
    inner = _inner(known)
    return known.is_global and not known.is_multicast and (inner is None or is_public(str(inner)))


def post(  # noqa: PLR0913 - two seams
    address: str,
    body: bytes,
    *,
    may_be_private: bool = False,
    timeout_s: float = TIMEOUT_S,
    resolve: Resolve = resolved,
    connect: Connect = socket.create_connection,
) -> None:
    """Send JSON to an address.

    Args:
        address: Begins with `http://` or `https://`.
        body: The JSON.
        may_be_private: Whether it may lie on this machine or in its own network.
        timeout_s: For connecting, sending and the answer together, seconds.
        resolve: Looks up a name.
        connect: Opens a connection.

    Raises:
        DeliveryError: If it was not sent, or the answer is not 2xx.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    end_s = time.monotonic() + timeout_s
    try:
        found = resolve(host, port)
        end_s = time.monotonic() + timeout_s
        good = _judged(host, found, may_be_private)
        with _opened(good, port, end_s, connect) as plain, _secured(plain, parts) as link:
            link.settimeout(_left_s(end_s))
            link.sendall(_request(parts, body))
            status = _status(link, end_s)
    except TimeoutError as error:
        raise DeliveryError(f"{host} did not answer within {timeout_s:g} s") from error
    except OSError as error:
        raise DeliveryError(f"{host} cannot be reached: {error}") from error
    _expect_taken(host, status)


def _inner(known: IPv4Address | IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address to which an IPv6 address leads, if it does."""
    if isinstance(known, IPv4Address):
        return None
    if known in _EMBEDDING:
        return IPv4Address(int(known) & 0xFFFFFFFF)
    return known.ipv4_mapped or known.sixtofour or (known.teredo[1] if known.teredo else None)


def _judged(host: str, found: Sequence[str], may_be_private: bool) -> list[str]:  # noqa: FBT001
    good = [one for one in found if may_be_private or is_public(one)]
    if not good:
        raise DeliveryError(
            f"{host} is {', '.join(found) or 'nowhere'}: an address of this machine or its own "
            "network. If that is meant, allow it: NBTRACK_ALERT_WEBHOOK_PRIVATE=1, or "
            "settings={'alert_webhook_private': True}"
        )
    return good


def _opened(good: Sequence[str], port: int, end_s: float, connect: Connect) -> socket.socket:
    """Return a connection to the first address that takes one."""
    for address in good[:-1]:
        try:
            return connect((address, port), _left_s(end_s))
        except TimeoutError:
            raise
        except OSError:
            continue  # such as IPv6 where there is none
    return connect((good[-1], port), _left_s(end_s))


def _secured(plain: socket.socket, parts: SplitResult) -> socket.socket:
    if parts.scheme != "https":
        return plain
    return _trust().wrap_socket(plain, server_hostname=parts.hostname)


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _request(parts: SplitResult, body: bytes) -> bytes:
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    lines = (
        f"POST {quote(target, safe=_KEPT_IN_PATHS)} HTTP/1.1",
        f"Host: {_host(parts)}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "User-Agent: nbtrack",
        "Connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode("ascii") + body


def _host(parts: SplitResult) -> str:
    name = (parts.hostname or "").encode("idna").decode("ascii")
    bracketed = f"[{name}]" if ":" in name else name
    return bracketed if parts.port is None else f"{bracketed}:{parts.port}"


def _status(link: socket.socket, end_s: float) -> bytes:
    """Return the status of the answer; who sends byte after byte is not waited for longer."""
    said = b""
    while b"\n" not in said and len(said) < _LONGEST_LINE:
        link.settimeout(_left_s(end_s))
        piece = link.recv(_LONGEST_LINE)
        if not piece:
            break
        said += piece
    words = said.split(b"\n", 1)[0].split()
    return words[1] if len(words) > 1 and words[0].startswith(b"HTTP/") else b""


def _expect_taken(host: str, status: bytes) -> None:
    if status.startswith(b"2"):
        return
    said = status.decode("ascii", "replace")[:3]
    if not said.isdecimal():
        raise DeliveryError(f"{host} does not answer as a web server does")
    redirect = ", a redirect, which is not followed" if said.startswith("3") else ""
    raise DeliveryError(f"{host} answered {said}{redirect}")


def _left_s(end_s: float) -> float:
    left_s = end_s - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    return left_s
