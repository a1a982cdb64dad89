"""Addresses that a service goes to because somebody asked: only on hosts that the operator has named. Anything else
would let a caller make the service knock at doors inside its own network.
"""

from typing import Final

import httpx

_PORTS: Final = {"http": 80, "https": 443}
_LONGEST: Final = 2000


class HostNotNamedError(Exception):
    """The address is not one that this service goes to."""


class NamedHosts:
    """The hosts that the operator has named for one purpose.

    Args:
        named: `host` (its default port) or `host:port`, comma between; None: there are none.
        field: where a caller puts an address, for messages.
        setting: where the operator names them, for messages.
    """

    def __init__(self, named: str | None, field: str, setting: str) -> None:
        self._named = frozenset(part.strip().lower() for part in (named or "").split(",") if part.strip())
        self._field = field
        self._setting = setting

    def check(self, address: str) -> httpx.URL:
        """The address, when its host is named.

        Raises:
            HostNotNamedError: not http or https, with a user name or fragment, or a host that is not named.
        """
        url = self._read(address)
        port = url.port or _PORTS[url.scheme]
        host = f"[{url.host}]" if ":" in url.host else url.host
        known = {f"{host}:{port}"} | ({host} if port == _PORTS[url.scheme] else set())
        if not known & self._named:
            raise HostNotNamedError(f"{self._field}: this host is not named ({self._setting})")
        return url

    def _read(self, address: str) -> httpx.URL:
        try:
            url = httpx.URL(address)
            usable = bool(url.scheme in _PORTS and url.host and not url.userinfo and not url.fragment)
        except (httpx.InvalidURL, ValueError) as error:
            raise HostNotNamedError(f"{self._field}: not an address") from error
        if not usable or len(address) > _LONGEST:
            raise HostNotNamedError(f"{self._field}: an http or https address without user name and fragment")
        return url
