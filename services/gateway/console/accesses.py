"""Pages of the log of accesses: its entries, and proofs that the visitor's own browser can check."""

import asyncio
import hashlib
import json
from typing import Annotated, Final

from fastapi import Depends, Response

from services.gateway.access.policy import Action, Kind
from services.gateway.console.routing import page_router
from services.gateway.console.visit import Visit, visiting

router = page_router("/console/log")
LogDep = Annotated[Visit, Depends(visiting((Kind.AUDIT, Action.READ)))]
_SOME: Final = 50


@router.get("")
async def log_page(
    visit: LogDep, start: int | None = None, client_id: str = "", subject_digest: str = "", since: str = ""
) -> Response:
    """Who asked, why, and when; the newest page first."""
    head = await visit.ask.get("/v1/log/head")
    filtered = bool(client_id or subject_digest or since)
    first = start or (1 if filtered else max(1, head["size"] - _SOME + 1))
    page = await visit.ask.get(
        "/v1/log/entries",
        start=first,
        limit=_SOME,
        client_id=client_id,
        subject_digest=subject_digest,
        since=since,
    )
    return visit.show(
        "log.html",
        head=head,
        entries=list(reversed(page["entries"])),
        following=page["next"],
        before=max(1, first - _SOME) if not filtered and first > 1 else None,
        asked={"client_id": client_id, "subject_digest": subject_digest, "since": since},
    )


@router.get("/{number}")
async def entry_page(visit: LogDep, number: int) -> Response:
    """One entry, with the proof that it stands in the log that the signed head vouches for."""
    head = await visit.ask.get("/v1/log/head")
    proof, growth = await asyncio.gather(
        visit.ask.get("/v1/log/inclusion", number=number, size=head["size"]),
        visit.ask.get("/v1/log/consistency", first=number, second=head["size"]),
    )
    hashed = {name: value for name, value in proof["entry"].items() if name != "user_id" or value is not None}
    text = json.dumps(hashed, sort_keys=True, separators=(",", ":"))
    return visit.show(
        "entry.html",
        head=head,
        proof=proof,
        growth=growth,
        text=text,
        computed=hashlib.sha256(b"\0" + text.encode()).hexdigest(),
    )
