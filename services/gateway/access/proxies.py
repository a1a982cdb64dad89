"""What a TLS proxy before the gateway says of a connection; believed from the configured proxies only."""

import base64
import hashlib
import re
from ipaddress import ip_address, ip_network
from typing import Final, cast

from fastapi import Request

from shared.settings import Settings

_BYTES: Final = re.compile(r":([A-Za-z0-9+/]*={0,2}):")
"""A byte sequence of a structured field (RFC 8941, section 3.3.5)."""


def address_of(request: Request) -> str:
    """Where a request comes from: the nearest address that is no proxy of ours."""
    peer = request.client.host if request.client else ""
    if not _is_proxy(request, peer):
        return peer
    passed = [part.strip() for part in ",".join(request.headers.getlist("x-forwarded-for")).split(",")]
    return next((part for part in reversed(passed) if part and not _is_proxy(request, part)), peer)[:64]


def certificate_thumbprint(request: Request) -> str | None:
    """`x5t#S256` of the certificate that the client proved to the proxy (RFC 9440, RFC 8705 section 3.1).

    None: no proxy of ours says so. The proxy must end TLS with the client's certificate verified, and must take the
    field out of what clients send.
    """
    fields = request.headers.getlist("client-cert")
    if len(fields) != 1 or not _is_proxy(request, request.client.host if request.client else ""):
        return None
    found = _BYTES.fullmatch(fields[0].strip())
    if found is None:
        return None
    try:
        der = base64.b64decode(found[1], validate=True)
    except ValueError:
        return None
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()


def _is_proxy(request: Request, address: str) -> bool:
    named = cast("Settings", request.app.state.settings).proxies
    try:
        own = ip_address(address)
    except ValueError:
        return False
    return any(own in ip_network(part.strip()) for part in (named or "").split(",") if part.strip())
