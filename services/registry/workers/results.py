"""What was found about a registration, as it lies sealed in its row."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from services.registry.workers.elsewhere import CODES
from services.registry.workers.views import AudiencedSignal
from shared.contracts.region import Asked
from shared.contracts.registrations import RegistrationCandidate


class Result(BaseModel):
    """Of the checks, and of asking other members.

    Attributes:
        document: issuer and number as the checks read them.
        elsewhere: what other members answered.
        again_until: when silent members are asked for the last time; None: not again.
    """

    model_config = ConfigDict(frozen=True)

    signals: list[AudiencedSignal] = []
    candidates: list[RegistrationCandidate] = []
    missing: list[str] = []
    document: tuple[str, str] | None = None
    elsewhere: list[Asked] = []
    again_until: datetime | None = None

    def of_members(self) -> list[AudiencedSignal]:
        """Signals of what other members answered."""
        return [each for each in self.signals if each.signal.code in CODES]

    def of_checks(self) -> list[AudiencedSignal]:
        """All other signals."""
        return [each for each in self.signals if each.signal.code not in CODES]
