"""Who stands at a registration desk: people, their identities, and the work they are going to."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from services.sandbox.region.names import PersonName, draw_name, draw_sibling
from services.sandbox.region.passports import Identity, draw_number
from services.sandbox.region.records import REFERENCE


class Corridor(NamedTuple):
    """From where, to where, to do what; the sex of those who are sent there, "" for either."""

    origin: str
    destination: str
    sector: str
    sex: str


DOMESTIC_SGP = Corridor("IDN", "SGP", "domestic", "F")
DOMESTIC_SGP_MMR = Corridor("MMR", "SGP", "domestic", "F")
DOMESTIC_BRN = Corridor("PHL", "BRN", "domestic", "F")
PLANTATION_MYS = Corridor("IDN", "MYS", "plantation", "")
FACTORY_THA = Corridor("MMR", "THA", "manufacturing", "")
FACTORY_MYS = Corridor("VNM", "MYS", "manufacturing", "")
SERVICES_THA = Corridor("LAO", "THA", "services", "")

CORRIDORS = (
    PLANTATION_MYS,
    FACTORY_THA,
    FACTORY_MYS,
    SERVICES_THA,
    Corridor("KHM", "THA", "fishing", "M"),
    Corridor("PHL", "SGP", "domestic", "F"),
    Corridor("TLS", "SGP", "construction", "M"),
    Corridor("THA", "BRN", "construction", "M"),
    Corridor("MYS", "SGP", "manufacturing", ""),
    Corridor("BRN", "MYS", "services", ""),
    Corridor("SGP", "BRN", "construction", "M"),
    DOMESTIC_SGP_MMR,
)
"""Where workers without a plant go. Every one is open to people of 25 to 40 by every rule of age."""

ADULT_AGES = (25, 39)
"""Age in full years at the start of work, lowest and highest, of everybody whose age is not the point."""


@dataclass(frozen=True)
class Person:
    """One human being.

    Attributes:
        number: within the region, from 0.
        face: seed for `portray`.
        fingers: seeds for `grow_finger`: right index, left index.
    """

    number: int
    face: int
    fingers: tuple[int, int]


@dataclass(frozen=True)
class Placement:
    """The work intended."""

    corridor: Corridor
    start: date


class Casting:
    """Draws people and identities, none of them twice.

    Args:
        rng: where all chance comes from.
        faces: seeds of mutually distinct faces, in the order in which they are given out.
    """

    def __init__(self, rng: random.Random, faces: list[int]) -> None:
        self.rng = rng
        self._faces = faces
        self._people = 0
        self._corridors = list(CORRIDORS)
        self._names: set[str] = set()
        self._numbers: set[str] = set()

    def person(self) -> Person:
        """Somebody new."""
        number = self._people
        self._people += 1
        return Person(number, self._faces[number], (1000 + 2 * number, 1001 + 2 * number))

    def placement(self, corridor: Corridor | None = None) -> Placement:
        """Work that begins in the region's summer; without a corridor each of CORRIDORS in turn."""
        if corridor is None:
            corridor = self._corridors.pop(0)
            self._corridors.append(corridor)
        return Placement(corridor, REFERENCE + timedelta(days=self.rng.randrange(90)))

    def adult_birth(self, start: date) -> date:
        """A birth date well above every minimum age."""
        return self.birth(start, self.rng.randint(*ADULT_AGES))

    def birth(self, start: date, age: int) -> date:
        """A birth date of somebody who is `age` at the start, at least a month from either birthday."""
        return start.replace(year=start.year - age) - timedelta(days=self.rng.randint(31, 330))

    def sex(self, placement: Placement) -> str:
        """`M` or `F`, as the corridor has it."""
        return placement.corridor.sex or self.rng.choice("MF")

    def identity(
        self, placement: Placement, *, birth: date | None = None, sex: str | None = None, name: PersonName | None = None
    ) -> Identity:
        """A new passport; what is not given is drawn, with a name that nobody has yet."""
        nationality = placement.corridor.origin
        chosen = sex or self.sex(placement)
        return Identity(
            name=name or self.name(nationality, chosen),
            birth=birth or self.adult_birth(placement.start),
            sex=chosen,
            nationality=nationality,
            passport=self.number(nationality),
            expiry=date(2031, 1, 1) + timedelta(days=self.rng.randrange(1200)),
        )

    def name(self, nationality: str, sex: str) -> PersonName:
        """A name that nobody has yet."""
        while True:
            name = draw_name(nationality, sex, self.rng)
            if name.latin not in self._names:
                self._names.add(name.latin)
                return name

    def sibling(self, of: Identity) -> PersonName:
        """A name that nobody has yet, with the same family name."""
        while True:
            name = draw_sibling(of.name, of.nationality, of.sex, self.rng)
            if name.latin not in self._names:
                self._names.add(name.latin)
                return name

    def number(self, issuer: str) -> str:
        """A passport number that no passport has yet."""
        while True:
            number = draw_number(issuer, self.rng)
            if number not in self._numbers:
                self._numbers.add(number)
                return number
