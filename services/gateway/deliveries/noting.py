"""An answer that names parties is a delivery to whoever asked."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from fastapi import Request, Response

from services.gateway.audit.shown import PARTY, Shown, shown_subjects
from services.gateway.deliveries.ledger import Ledger, Recipient
from shared.contracts.caller import Caller, Purpose, Role
from shared.settings import Settings

_PREFIX = PARTY.format("").encode()


def recipient_of(caller: Caller) -> Recipient:
    """Who receives what a caller is told: their office, or the other member."""
    office = "" if caller.role is Role.PARTNER_MEMBER else caller.organisation[:200]
    return Recipient(caller.member, office)


async def note_told(
    request: Request, caller: Caller, shows: tuple[Shown, ...], answer: Response, asked_at: datetime
) -> None:
    """Note who is told of which parties of this node's register, before they are."""
    if answer.status_code >= 300 or not (shows or "/parties/" in request.scope["path"]):
        return
    subjects = shown_subjects(shows, bytes(answer.body)) if shows else []
    if "/parties/" in request.scope["path"]:
        subjects.append(_PREFIX + str(request.path_params.get("id", "")).encode())
    parties = [each.removeprefix(_PREFIX).decode() for each in subjects if each.startswith(_PREFIX)]
    await note_parties(request, caller, {cast("Settings", request.app.state.settings).member: parties}, asked_at)


async def note_parties(request: Request, caller: Caller, told: Mapping[str, Iterable[str]], asked_at: datetime) -> None:
    """Note who is told of which parties, by member; whoever keeps the register is told nothing new."""
    by_member = {member: found for member, parties in told.items() if (found := list(parties))}
    keeps = caller.purpose is Purpose.REGISTER_MAINTENANCE and caller.role is not Role.PARTNER_MEMBER
    if by_member and not keeps:
        await cast("Ledger", request.app.state.ledger).deliver(recipient_of(caller), by_member, asked_at)


def parties_in(document: Mapping[str, Any]) -> Iterator[str]:
    """The parties of one register that a MatchResponse speaks of: results, and those one link away."""
    for answer in document.get("responses", {}).values():
        for result in answer["results"]:
            yield result["id"]
            yield from (link["party"]["id"] for link in result.get("links", ()))
