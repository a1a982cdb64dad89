"""The clean part of the register: agencies and employers of every member, and the people who run them."""

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from services.sandbox.region.names import PersonName, draw_name
from services.sandbox.region.records import REFERENCE, Licence, Link, Party
from shared.contracts.licences import LicenceStatus
from shared.contracts.parties import LinkKind

ALPHA_2 = {
    "BRN": "bn",
    "IDN": "id",
    "KHM": "kh",
    "LAO": "la",
    "MMR": "mm",
    "MYS": "my",
    "PHL": "ph",
    "SGP": "sg",
    "THA": "th",
    "TLS": "tl",
    "VNM": "vn",
}
"""FollowTheMoney's country codes of the members."""


@dataclass(frozen=True)
class Business:
    """A company, who directs it, and its licence where it recruits."""

    company: Party
    director: Party
    link: Link
    licence: Licence | None


def draw_businesses(rng: random.Random, taken: set[str]) -> Iterator[Business]:
    """Every kind of company of every member once.

    Args:
        taken: names, in any script, that nobody here may have; those drawn are added.
    """
    for member, rules in _rules().items():
        stems = rng.sample(rules["stems"]["words"], len(rules["forms"]))
        for (kind, forms), stem in zip(rules["forms"].items(), stems, strict=True):
            company = _company(f"{member.lower()}-{kind}", member, forms, stem, rng)
            director = _director(company, rng, taken)
            link = Link(f"link-{company.id}", member, LinkKind.DIRECTOR, director.id, company.id, _earlier(rng, 3000))
            licence = _licence(company, rules["licence"], rng) if kind == "agency" else None
            yield Business(company, director, link, licence)


@cache
def _rules() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("companies.toml").read_text(encoding="utf-8"))


def _earlier(rng: random.Random, days: int) -> date:
    return REFERENCE - timedelta(days=rng.randint(400, days))


def _company(key: str, member: str, forms: list[str], stem: list[str], rng: random.Random) -> Party:
    names = dict.fromkeys(form.format(word) for form, word in zip(forms, stem, strict=True))
    properties = {
        "name": tuple(names),
        "registrationNumber": (f"{member}-{rng.randrange(10**7, 3 * 10**7)}",),
        "jurisdiction": (ALPHA_2[member],),
    }
    return Party(key, member, "Company", properties)


def _director(company: Party, rng: random.Random, taken: set[str]) -> Party:
    sex = rng.choice("MF")
    name = _free_name(company.member, sex, rng, taken)
    properties = {
        "name": tuple(dict.fromkeys((name.native, name.latin))),
        "birthDate": (f"{REFERENCE - timedelta(days=rng.randrange(12_000, 22_000))}",),
        "nationality": (ALPHA_2[company.member],),
        "gender": ("male" if sex == "M" else "female",),
    }
    return Party(f"{company.id}-director", company.member, "Person", properties)


def _free_name(member: str, sex: str, rng: random.Random, taken: set[str]) -> PersonName:
    while True:
        name = draw_name(member, sex, rng)
        if not {name.native, name.latin} & taken:
            taken |= {name.native, name.latin}
            return name


def _licence(company: Party, words: dict[str, str], rng: random.Random) -> Licence:
    """Mostly valid; every fourth is suspended, a matter between that office and the agency."""
    status = LicenceStatus.SUSPENDED if rng.random() < 0.25 else LicenceStatus.VALID
    begin = _earlier(rng, 900)
    return Licence(
        id=f"licence-{company.id}",
        member=company.member,
        party=company.id,
        number=f"{company.member[:2]}-{rng.randrange(1000, 10_000)}",
        authority=words["authority"],
        status=status,
        national_code=words[status.value],
        valid_from=begin,
        valid_to=date(begin.year + 6, 12, 31),
    )
