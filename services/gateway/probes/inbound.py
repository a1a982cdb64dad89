"""Other members' probes: opened, compared and forgotten; a hit is kept as a reference that means nothing elsewhere."""

import json
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, cast

from fastapi import APIRouter, Request, Response
from sqlalchemy import delete, select

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.entries import Outcome as Logged
from services.gateway.audit.log import AuditLog
from services.gateway.audit.shown import PERSON
from services.gateway.federation.inbound import MemberRefusedError, VersionNotSpokenError, answer_member
from services.gateway.federation.messages import Question
from services.gateway.probes.seals import Opener
from services.gateway.probes.tables import HitRow
from shared.contracts.caller import Caller
from shared.contracts.region import (
    DocumentQuestion,
    HitAnswer,
    Likeness,
    Outcome,
    Probe,
    ProbeFindings,
    RegionHit,
    ScoreBand,
    SealedProbe,
)
from shared.db.database import Database, now
from shared.http.client import ServiceClient
from shared.settings import Settings

KEPT: Final = timedelta(days=30)
"""How long a reference can be asked about."""

_TOGETHER: Final = timedelta(hours=1)
"""How long after a hit by biometrics a document's number is said to be the same person's."""
_MOST_REFERENCES: Final = 20
_SCOPES: Final = frozenset({"abis.identify"})
_JSON: Final = {"content-type": "application/json"}
_BANDS: Final = ((9.0, ScoreBand.VERY_STRONG), (6.0, ScoreBand.STRONG))

router = APIRouter(prefix="/federation/v1", tags=["federation"])


class ProbeUnreadableError(MemberRefusedError):
    """What was sealed is no probe."""

    status, slug, title = 422, "invalid", "The probe cannot be read"


@router.post("/identify", summary="Hit or no hit, for another member", operation_id="federatedIdentify")
async def identify(request: Request) -> Response:
    """A SealedProbe of templates, signed."""
    return await answer_member(request, Kind.PROBE, Action.IDENTIFY, _identify)


@router.post("/documents", summary="Was a number shown here, for another member", operation_id="federatedDocument")
async def documents(request: Request) -> Response:
    """A SealedProbe of a DocumentQuestion, signed."""
    return await answer_member(request, Kind.PROBE, Action.IDENTIFY, _document)


async def _identify(request: Request, question: Question, caller: Caller, version: int) -> tuple[int, Any]:
    probe = Probe.model_validate_json(_opened(request, question, caller, version, "probe"))
    biometrics = cast("ServiceClient", request.app.state.biometrics)
    trusted = caller.model_copy(update={"scopes": _SCOPES})
    answer = await biometrics.request(
        trusted, "POST", "/v1/probes/identify", content=probe.model_dump_json(), headers=_JSON
    )
    if answer.status_code != 200:
        raise ProbeUnreadableError("a template is none of its model")
    findings = ProbeFindings.model_validate_json(answer.content)
    if not findings.comparable:
        return 200, _answer(request, Outcome.NOT_COMPARABLE, [], findings.models)
    hits = [await _keep(request, caller, [each.person], each) for each in findings.found]
    return 200, _answer(request, Outcome.HIT if hits else Outcome.NO_HIT, hits)


async def _document(request: Request, question: Question, caller: Caller, version: int) -> tuple[int, Any]:
    asked = DocumentQuestion.model_validate_json(_opened(request, question, caller, version, "document"))
    registry = cast("ServiceClient", request.app.state.registry)
    answer = await registry.request(
        caller, "POST", "/v1/region/documents", content=asked.model_dump_json(), headers=_JSON
    )
    persons = answer.raise_for_status().json()["persons"]
    same = await _references(request, caller.member, persons)
    hits = [(await _keep(request, caller, persons, None)).model_copy(update={"same_as": same})] if persons else []
    return 200, _answer(request, Outcome.HIT if hits else Outcome.NO_HIT, hits)


async def _references(request: Request, member: str, persons: Sequence[str]) -> list[str]:
    """References that a member was just given, by biometrics, to one of some persons."""
    query = select(HitRow).where(
        HitRow.member == member, HitRow.band.is_not(None), HitRow.expires_at > now() + KEPT - _TOGETHER
    )
    async with cast("Database", request.app.state.database).read() as session:
        recent = (await session.scalars(query.order_by(HitRow.expires_at.desc()))).all() if persons else []
    return [row.reference for row in recent if set(row.persons) & set(persons)][:_MOST_REFERENCES]


def _opened(request: Request, question: Question, caller: Caller, version: int, kind: str) -> bytes:
    """What was sealed to this member for this question."""
    if version < 2:
        raise VersionNotSpokenError("probes are of version 2")
    probe = SealedProbe.model_validate_json(question.body)
    return cast("Opener", request.app.state.opener).open(caller.member, f"{kind}/{probe.id}", probe.sealed)


async def _keep(request: Request, caller: Caller, persons: Sequence[str], likeness: Likeness | None) -> RegionHit:
    """Keep a hit under a new reference, and log the look at each person."""
    reference, instant = secrets.token_urlsafe(24), now()
    band = None if likeness is None else band_of(likeness.score)
    row = HitRow(
        reference=reference, member=caller.member, persons=list(persons), band=band, at=instant,
        expires_at=instant + KEPT,
    )  # fmt: skip
    async with cast("Database", request.app.state.database).write() as session:
        await session.execute(delete(HitRow).where(HitRow.expires_at < instant))
        session.add(row)
    log = cast("AuditLog", request.app.state.audit_log)
    subjects = [PERSON.format(person).encode() for person in persons]
    await log.append(caller, Kind.PROBE.value, Action.IDENTIFY.value, subjects, Logged.SHOWN)
    compared, quality = (likeness.compared, likeness.quality) if likeness else ([], None)
    return RegionHit(reference=reference, band=band, compared=compared, quality=quality, expires=row.expires_at)


def band_of(score: float) -> ScoreBand:
    """The step that a score reaches: no finer, so that nobody climbs towards a face or print that is held here."""
    return next((band for least, band in _BANDS if score >= least), ScoreBand.POSSIBLE)


def _answer(request: Request, outcome: Outcome, hits: list[RegionHit], models: Sequence[str] = ()) -> Any:
    member = cast("Settings", request.app.state.settings).member
    answer = HitAnswer(member=member, as_of=now(), outcome=outcome, hits=hits, models=list(models))
    return json.loads(answer.model_dump_json())
