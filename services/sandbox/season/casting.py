"""Draws who comes: bodies, identities, work and agencies."""

import random
from datetime import date, timedelta
from typing import Final

from services.sandbox.issuing import PassportOffice
from services.sandbox.region.casting import CORRIDORS, Corridor
from services.sandbox.region.names import draw_name
from services.sandbox.region.passports import Identity, draw_number
from services.sandbox.region.records import REFERENCE
from services.sandbox.season.records import Body, Draft
from shared.standards.ages import Sector, age_floor, load_rules

AGENCIES: Final = 12
"""Of each state of origin."""
HEAPING_SHARE: Final = 0.05
"""Of agencies, that say of half of their workers that they have just reached the minimum."""
OFF_FILE: Final = "ZZ"
"""The passport office whose authority nobody has on file."""
_YEARS_ABOVE: Final = 6.0
"""How much older than the minimum workers are, on average; exponential."""
_MOST_DAYS: Final = 9_000


class SeasonCasting:
    """Draws; nobody and no number twice. Names come again, as they do.

    Args:
        rng: where all chance comes from.
    """

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.lost: list[tuple[str, str]] = []
        self._bodies = 0
        self._numbers: set[str] = set()
        self._rules = load_rules()
        origins = sorted({corridor.origin for corridor in CORRIDORS})
        self._agencies = {origin: [f"agency-{origin}-{n}" for n in range(AGENCIES)] for origin in origins}
        every = [agency for some in self._agencies.values() for agency in some]
        self.heaping = frozenset(rng.sample(every, max(1, round(HEAPING_SHARE * len(every)))))
        self.offices = {origin: PassportOffice(origin[:2]) for origin in origins}
        self.off_file = PassportOffice(OFF_FILE)

    def body(self) -> Body:
        """Somebody new."""
        self._bodies += 1
        return Body(self._bodies, self._bodies)

    def newcomer(
        self, *, corridor: Corridor | None = None, years_above: float = 0.0, body: Body | None = None
    ) -> Draft:
        """Somebody of whom there is nothing to say.

        Args:
            corridor: None: any.
            years_above: by which they are older than the minimum, at least.
            body: None: somebody new.
        """
        chosen = corridor or self.rng.choice(CORRIDORS)
        agency = self.rng.choice(self._agencies[chosen.origin])
        days = int(365 * years_above) + self._days_above(agency)
        start = REFERENCE + timedelta(days=self.rng.randrange(90))
        birth = self._reached(chosen, start) - timedelta(days=days)
        return self.of_birth(chosen, start, agency, birth, body or self.body())

    def of_age(self, corridor: Corridor, age: int) -> Draft:
        """Somebody new who is so old when the work begins, at least a month from either birthday."""
        start = REFERENCE + timedelta(days=self.rng.randrange(90))
        birth = start.replace(year=start.year - age) - timedelta(days=self.rng.randint(31, 330))
        agency = self.rng.choice(self._agencies[corridor.origin])
        return self.of_birth(corridor, start, agency, birth, self.body())

    def of_birth(self, corridor: Corridor, start: date, agency: str, birth: date, body: Body) -> Draft:
        """Somebody born that day, with a passport of their own."""
        sex = corridor.sex or self.rng.choice("MF")
        identity = Identity(
            name=draw_name(corridor.origin, sex, self.rng),
            birth=birth,
            sex=sex,
            nationality=corridor.origin,
            passport=self.number(corridor.origin),
            expiry=date(2031, 1, 1) + timedelta(days=self.rng.randrange(1200)),
        )
        return Draft(body, identity, corridor[:3], start, agency)

    def number(self, issuer: str) -> str:
        """A passport number that no passport has yet."""
        while True:
            number = draw_number(issuer, self.rng)
            if number not in self._numbers:
                self._numbers.add(number)
                return number

    def _reached(self, corridor: Corridor, start: date) -> date:
        """The latest birth date with which the minimum is reached today already, so that nobody is a child."""
        sector = Sector(corridor.sector)
        minimum = age_floor(corridor.origin, corridor.destination, sector, start, self._rules).minimum
        return REFERENCE.replace(year=REFERENCE.year - minimum)

    def _days_above(self, agency: str) -> int:
        if agency in self.heaping and self.rng.random() < 0.5:
            return self.rng.randrange(250)
        return min(int(self.rng.expovariate(1 / (365 * _YEARS_ABOVE))), _MOST_DAYS)
