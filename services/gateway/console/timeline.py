"""What happened around a party, a case or a licence, in the order of days, each with who says so."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.gateway.console.languages import marked as _

Record = Mapping[str, Any]

WHAT: Final = {
    "recorded": _("First recorded"),
    "changed": _("Particulars told anew"),
    "corrected": _("Put right"),
    "linked": _("Tie begins"),
    "unlinked": _("Tie ends"),
    "case_opened": _("Case opened"),
    "case_stage": _("Case"),
    "case_appeal": _("Appeal"),
    "case_final": _("Decision final: no ordinary appeal open"),
    "case_told": _("Told of the case"),
    "licence": _("Licence"),
    "licence_ends": _("Licence period ends"),
    "inspection": _("Inspection carried out"),
    "inspection_planned": _("Inspection planned"),
    "listing": _("Listing"),
}


@dataclass(frozen=True)
class Event:
    """One thing that happened, or was told.

    Attributes:
        on: the day, or the instant of telling; ISO 8601.
        what: of WHAT.
        codes: (glossary, code) pairs that say more.
        text: free words: a name, a number, a court.
        source: on what it rests.
        authority: who stands behind it.
        member: who told it.
        struck: a later correction took it back.
        address: the page that tells more.
    """

    on: str
    what: str
    codes: tuple[tuple[str, str], ...] = ()
    text: str = ""
    source: str = ""
    authority: str = ""
    member: str = ""
    struck: bool = False
    address: str = ""

    @property
    def label(self) -> str:
        """The English text of `what`."""
        return WHAT[self.what]


def in_order(events: Iterable[Event]) -> list[Event]:
    """Newest first."""
    told = (event for event in events if isinstance(event.on, str))  # of some, the visitor may not know the day
    return sorted(told, key=lambda event: event.on, reverse=True)


def of_history(page: Record | None, member_shown: bool = True) -> Iterator[Event]:
    """What was told of a record, version by version."""
    for version in (page or {}).get("results", []):
        correction = version["correction"]
        what = "corrected" if correction else "recorded" if version["version"] == 1 else "changed"
        yield Event(
            version["told_at"],
            what,
            (("correction", correction),) if correction else (),
            version["organisation"] if member_shown else "",
            str(version["content"]["source"] or ""),
            version["authority"] or "",
            version["member"],
        )


def of_links(links: Sequence[Record], party: str, names: Mapping[str, str]) -> Iterator[Event]:
    """Ties with other parties, as they began and ended."""
    for link in links:
        other = link["to"] if link["from"] == party else link["from"]
        shared: dict[str, Any] = {
            "codes": (("link", link["kind"]),),
            "text": names.get(other, other),
            "source": link["source"] or "",
            "authority": link["authority"] or "",
            "member": link["member"],
            "address": f"/console/parties/{other}",
        }
        if link["since"]:
            yield Event(link["since"], "linked", **shared)
        if link["until"]:
            yield Event(link["until"], "unlinked", **shared)


def of_case(case: Record) -> Iterator[Event]:
    """The steps of a case that its record tells."""
    shared = {
        "source": case["source"],
        "authority": case["authority"] or case["court"] or "",
        "member": case["member"],
        "address": f"/console/cases/{case['id']}",
    }
    offences = tuple(("offence", offence) for offence in case["offences"])
    yield Event(case["opened_on"], "case_opened", offences, **shared)
    if not case["opened_on"]:  # how far a case has got from day to day is not for every visitor
        yield Event(case["as_of"], "case_told", (("status", case["status"]), *offences), **shared)
    if case["stage_on"]:
        yield Event(case["stage_on"], "case_stage", (("stage", case["stage"]),), **shared)
    if case["appeal_on"]:
        yield Event(case["appeal_on"], "case_appeal", (("appeal", case["appeal"]),), **shared)
    if case["final_on"]:
        yield Event(case["final_on"], "case_final", (("status", case["status"]),), **shared)


def of_case_history(page: Record | None) -> Iterator[Event]:
    """What was told of a case: each version with the stage that it told."""
    for version in (page or {}).get("results", []):
        content, correction = version["content"], version["correction"]
        codes = [("stage", content["stage"])] if content["stage"] else []
        codes += [("appeal", content["appeal"])] if (content["appeal"] or "none") != "none" else []
        codes += [("correction", correction)] if correction else []
        what = "corrected" if correction else "case_told"
        authority = version["authority"] or content["court"] or ""
        source = str(content["source"] or "")
        yield Event(
            version["told_at"], what, tuple(codes), version["organisation"], source, authority, version["member"]
        )


def of_licence(licence: Record) -> Iterator[Event]:
    """The periods of a licence."""
    for period in licence["periods"]:
        codes = [("licence", period["status"])]
        codes += [("appeal", period["appeal"])] if (period["appeal"] or "none") != "none" else []
        shared: dict[str, Any] = {
            "authority": licence["authority"],
            "member": licence["member"],
            "struck": period["struck"],
            "address": f"/console/licences/{licence['id']}",
        }
        code = period["national_code"] or ""
        text = f"{licence['number']} ({code})" if code else licence["number"]
        yield Event(period["valid_from"], "licence", tuple(codes), text, **shared)
        if period["valid_to"]:
            yield Event(period["valid_to"], "licence_ends", (), licence["number"], **shared)


def of_inspections(page: Record | None) -> Iterator[Event]:
    """Inspections; what was indicated is no finding."""
    for each in (page or {}).get("results", []):
        day = each["carried_out_on"]
        codes = tuple(("offence", code) for code in each["indications"])
        what = "inspection" if day else "inspection_planned"
        yield Event(day or each["planned_on"], what, codes, "", each["source"], each["authority"] or "", each["member"])


def of_listing(listing: Record) -> Iterator[Event]:
    """The moves of a listing."""
    for move in listing["moves"]:
        text = str(move["move"] or "").replace("_", " ")
        yield Event(
            move["on"] or move["told_at"],
            "listing",
            (),
            text,
            str(move["content"]["source"] or ""),
            listing["authority"] or "",
            listing["member"],
            move["struck"],
        )
