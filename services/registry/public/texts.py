"""Plain-text answers for a short message or an old telephone: one command, one short answer. Pure."""

from dataclasses import dataclass
from typing import Final, Literal

from shared.contracts.public import PublicFees, PublicLookup, PublicMinimumAge
from shared.standards.ages import Sector

Command = Literal["licence", "age", "fees", "help"]

LONGEST: Final = 459
"""Characters: three short messages of 153 (3GPP TS 23.040)."""

_WORDS: Final[dict[str, Command]] = {
    "licence": "licence", "license": "licence", "izin": "licence", "ใบอนุญาต": "licence",
    "age": "age", "umur": "age", "อายุ": "age",
    "fee": "fees", "fees": "fees", "biaya": "fees", "ค่าใช้จ่าย": "fees",
    "help": "help", "bantuan": "help", "ช่วย": "help",
}  # fmt: skip

HELP: Final = (
    "LICENCE name or number: is the agency licensed? AGE from to sector, FEE from to sector, e.g. AGE IDN MYS domestic."
    " Nothing you ask is kept with your number. In danger: call the police or your embassy."
)


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody wants to know.

    Attributes:
        name: of a LICENCE message.
        origin, destination, sector: of an AGE or FEE message.
    """

    command: Command
    name: str = ""
    origin: str = ""
    destination: str = ""
    sector: Sector = Sector.ANY


def read_message(text: str) -> Message:
    """What a message asks for. Without a command it is a name; what cannot be understood asks for help."""
    words = text.split()
    command = _WORDS.get(words[0].lower()) if words else "help"
    if command is None:
        return Message("licence", name=text.strip())
    if command == "licence":
        name = " ".join(words[1:])
        return Message("licence", name=name) if len(name) > 1 else Message("help")
    if command == "help":
        return Message("help")
    return _corridor(command, words[1:])


def _corridor(command: Command, words: list[str]) -> Message:
    states = [word.upper() for word in words[:2]]
    if len(states) < 2 or not all(len(state) == 3 and state.isascii() and state.isalpha() for state in states):
        return Message("help")
    named = words[2].lower() if len(words) > 2 else Sector.ANY.value
    return Message(command, "", states[0], states[1], Sector(named) if named in set(Sector) else Sector.ANY)


def say_lookup(found: PublicLookup) -> str:
    """Licences and listings in a few lines."""
    lines = [f"{each.name}: licence {each.number} ({each.member}) {each.status.value}" for each in found.licences[:3]]
    lines += [f"{each.name}: LISTED {each.label}" for each in found.listings[:2]]
    return shorten("; ".join([*lines, found.says]))


def say_age(found: PublicMinimumAge) -> str:
    """The minimum age, and who set it."""
    rule = found.rules[0] if found.rules else None
    source = f" ({rule.set_by}: {rule.basis})" if rule else ""
    return shorten(f"Minimum age {found.minimum}{source}. Nobody under 18 may be recruited for work abroad.")


def say_fees(found: PublicFees) -> str:
    """What may be charged."""
    lines = [f"{rule.set_by}: {rule.rule}" for rule in found.rules[:3]]
    return shorten("; ".join([*lines, found.says]))


def shorten(text: str) -> str:
    """At most three short messages."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
