"""What a season of registrations consists of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from cryptography import x509

from services.sandbox.region.passports import Identity
from services.sandbox.season.kinds import Kind


@dataclass(frozen=True)
class Body:
    """Who really stands at a desk. Twins have one face and two pairs of hands.

    Attributes:
        face: number of the face.
        hands: number of the pair of hands; None: no fingers.
    """

    face: int
    hands: int | None


@dataclass(frozen=True)
class Arrival:
    """A registration as a desk sends it, with the truth about it.

    Attributes:
        number: its place in the season, from 0.
        kind: what is planted; None: nothing.
        of: number of the earlier registration that it must be tied to, where it must.
        member: where the desk is.
        request: as `POST /v1/registrations` takes it; bytes in base64.
    """

    number: int
    kind: Kind | None
    of: int | None
    member: str
    request: Mapping[str, Any]


@dataclass(frozen=True)
class Draft:
    """A registration in the making: the desk's side still open to change by whoever plants something."""

    body: Body
    identity: Identity
    corridor: tuple[str, str, str]
    start: date
    agency: str
    visit: int = 0


@dataclass(frozen=True)
class Season:
    """Registrations in their order, and what the office has on file about documents.

    Attributes:
        arrivals: in order.
        authorities: certificates of the passport offices.
        revocations: their lists.
        lost: CSV of lost documents, as `lindung documents load-lost` reads it.
        heaping: agencies that make workers older.
    """

    arrivals: tuple[Arrival, ...]
    authorities: tuple[x509.Certificate, ...]
    revocations: tuple[x509.CertificateRevocationList, ...]
    lost: str
    heaping: frozenset[str]

    def write_lost(self, file: Path) -> None:
        """Put the list of lost documents into a file."""
        file.write_text(self.lost, encoding="utf-8")
