"""Where results may be sent: only to hosts that the operator has named. Anything else would let a caller make this
service knock at doors inside its own network.
"""

from typing import Final

import httpx

from services.biometrics.refusals import NotSupportedError, RefusedRequestError

_PORTS: Final = {"http": 80, "https": 443}
_LONGEST: Final = 2000


class CallbackRefusedError(RefusedRequestError):
    """The callback address is not one that results are sent to."""


class CallbackHosts:
    """The hosts that results may be sent to.

    Args:
        named: `host` (its default port) or `host:port`, comma between; None: no callback is taken.
    """

    def __init__(self, named: str | None) -> None:
        self._named = frozenset(part.strip().lower() for part in (named or "").split(",") if part.strip())

    def check(self, callback: str) -> httpx.URL:
        """The address, when results may be sent there.

        Raises:
            NotSupportedError: no host is named at all.
            CallbackRefusedError: not http or https, with a user name, or a host that is not named.
        """
        if not self._named:
            raise NotSupportedError("callback: this deployment sends results nowhere (LINDUNG_CALLBACK_HOSTS is empty)")
        url = _read(callback)
        port = url.port or _PORTS[url.scheme]
        host = f"[{url.host}]" if ":" in url.host else url.host
        known = {f"{host}:{port}"} | ({host} if port == _PORTS[url.scheme] else set())
        if not known & self._named:
            raise CallbackRefusedError("callback: results are not sent to this host (LINDUNG_CALLBACK_HOSTS)")
        return url


def _read(callback: str) -> httpx.URL:
    try:
        url = httpx.URL(callback)
        usable = bool(url.scheme in _PORTS and url.host and not url.userinfo and not url.fragment)
    except (httpx.InvalidURL, ValueError) as error:
        raise CallbackRefusedError("callback: not an address") from error
    if not usable or len(callback) > _LONGEST:
        raise CallbackRefusedError("callback: an http or https address without user name and fragment")
    return url
