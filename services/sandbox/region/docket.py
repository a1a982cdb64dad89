"""The planted part of the register: proceedings, licences and links written by hand, and questions about them."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from services.sandbox.region.records import Case, Licence, Link, Party, Plant, Screening
from shared.contracts.cases import Appeal, Offence, Stage
from shared.contracts.licences import LicenceStatus
from shared.contracts.parties import LinkKind


@dataclass(frozen=True)
class Docket:
    """What docket.toml holds."""

    parties: tuple[Party, ...]
    links: tuple[Link, ...]
    cases: tuple[Case, ...]
    licences: tuple[Licence, ...]
    screenings: tuple[Screening, ...]


def load_docket() -> Docket:
    """The docket shipped with this release."""
    written = tomllib.loads(files(__package__).joinpath("docket.toml").read_text(encoding="utf-8"))
    rows = written["party"]
    return Docket(
        parties=tuple(Party(row["id"], row["member"], row["schema"], _values(row)) for row in rows),
        links=tuple(_link(row) for row in rows if "link" in row),
        cases=tuple(_case(row) for row in rows if "case" in row),
        licences=tuple(_licence(row) for row in rows if "licence" in row),
        screenings=tuple(_screening(row) for row in written["screening"]),
    )


def _values(row: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in row["properties"].items()}


def _link(row: dict[str, Any]) -> Link:
    link = dict(row["link"])
    kind = LinkKind(link.pop("kind"))
    return Link(id=f"link-{row['id']}", member=row["member"], kind=kind, party=row["id"], **link)


def _case(row: dict[str, Any]) -> Case:
    case = dict(row["case"])
    return Case(
        member=row["member"],
        party=row["id"],
        stage=Stage(case.pop("stage")),
        appeal=Appeal(case.pop("appeal")),
        offences=tuple(Offence(offence) for offence in case.pop("offences")),
        **case,
    )


def _licence(row: dict[str, Any]) -> Licence:
    licence = dict(row["licence"])
    status = LicenceStatus(licence.pop("status"))
    return Licence(id=f"licence-{row['id']}", member=row["member"], party=row["id"], status=status, **licence)


def _screening(row: dict[str, Any]) -> Screening:
    return Screening(
        label=row["label"],
        schema=row["schema"],
        properties=_values(row),
        expect=tuple(row.get("expect", ())),
        expect_kind=Plant(row["expect_kind"]),
        must_not_match=tuple(row.get("must_not_match", ())),
    )
