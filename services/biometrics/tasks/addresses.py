"""Addresses that this service goes to because a caller said so: `shared.http.named_hosts`, refused in OSIA's words."""

import httpx

from services.biometrics.refusals import NotSupportedError, RefusedRequestError
from shared.http import named_hosts


class AddressRefusedError(RefusedRequestError):
    """The address is not one that this service goes to."""


class NamedHosts(named_hosts.NamedHosts):
    """The hosts that the operator has named for one purpose."""

    def check(self, address: str) -> httpx.URL:
        """The address, when its host is named.

        Raises:
            NotSupportedError: no host is named at all.
            AddressRefusedError: not http or https, with a user name, or a host that is not named.
        """
        if not self._named:
            raise NotSupportedError(f"{self._field}: this deployment goes to no address ({self._setting} is empty)")
        try:
            return super().check(address)
        except named_hosts.HostNotNamedError as error:
            raise AddressRefusedError(str(error)) from error


class CallbackHosts(NamedHosts):
    """The hosts that results may be sent to.

    Args:
        named: as `NamedHosts`.
    """

    def __init__(self, named: str | None) -> None:
        super().__init__(named, "callback", "LINDUNG_CALLBACK_HOSTS")
