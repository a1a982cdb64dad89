"""Pairs of names that screening is measured with: judged ones of an evaluation folder, or made of invented names."""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from services.registry.screening.names import script_of
from services.sandbox.region.crowd import draw_crowd

_DEVELOPMENT: Final = 128  # of 256: a name's digest decides whether rules may be fitted to it
_SPELLED_TWICE: Final = ("thai_given", 400)  # the list whose names have several Latin spellings, and how many are taken


@dataclass(frozen=True)
class Pair:
    """Two names, and whether they are one party's."""

    name: str
    other: str
    schema: str
    same: bool
    of: str

    @property
    def script(self) -> str:
        """Scripts of both, alphabetically; one where they are the same."""
        return "-".join(sorted({script_of(self.name), script_of(self.other)}))

    @property
    def held_out(self) -> bool:
        """Not of the half that rules may be fitted to."""
        return _drawn(self.name) >= _DEVELOPMENT


def _drawn(name: str) -> int:
    return sha256(name.encode()).digest()[0]


def read_pairs(folder: Path) -> list[Pair]:
    """The judged pairs of an evaluation folder."""
    pairs: list[Pair] = []
    for path, column in ((folder / "name_pairs.csv", "case_group"), (folder / "cross_script_pairs.csv", "set")):
        with path.open(encoding="utf-8", newline="") as file:
            pairs += [
                Pair(row["name1"], row["name2"], row["schema"], row["is_match"] == "true", _set(path, row[column]))
                for row in csv.DictReader(file)
                if row["schema"] != "Vessel"
            ]
    return pairs


def _set(path: Path, name: str) -> str:
    return "name_pairs" if path.stem == "name_pairs" else name


def spelled_twice(folder: Path) -> list[Pair]:
    """Two Latin spellings of one native name: nobody judged them, so they are only looked for."""
    path, (chosen, count) = folder / "cross_script.csv", _SPELLED_TWICE
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["native"], row["latin"].split("|")) for row in csv.DictReader(file) if row["set"] == chosen]
    several = sorted((row for row in rows if len(row[1]) > 1), key=lambda row: sha256(row[0].encode()).digest())
    return [Pair(latin[1], latin[0], "Person", True, "spelled twice") for _, latin in several[:count]]


def invented_pairs(count: int, seed: int) -> Iterator[Pair]:
    """Pairs made from invented names: in the other script where the party has two names, with one slip where not."""
    rng = random.Random(seed)  # noqa: S311  a draw, not a secret
    for party in draw_crowd(count, seed + 1):
        name = party.properties["name"][0]
        other = party.properties.get("alias", (_misspelled(name, rng),))[0]
        yield Pair(name, other, party.schema, True, "invented")


def _misspelled(name: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(name))
    return name[:at] + name[at + 1 :] if rng.random() < 0.5 else name[:at] + name[at - 1] + name[at:]
