"""Asking other members: hit or no hit, by templates or by a document's number; and the content behind a hit."""

from typing import Annotated, Final, cast

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError

from services.gateway.access.admission import admit
from services.gateway.access.policy import Action, CaseReferenceMissingError, Kind
from services.gateway.federation.inbound import NotInFederationError
from services.gateway.federation.membership import NotAMemberError
from services.gateway.federation.peers import MemberSilentError
from services.gateway.federation.room import Federation
from services.gateway.passage import shown_model
from services.gateway.probes.members import ask_all, askable
from services.gateway.probes.seals import NoSealingKeyError, NotSealedToUsError, Opener
from shared.contracts.caller import Caller
from shared.contracts.region import (
    ContentQuestion,
    ContentReply,
    DocumentQuestion,
    HeldRecords,
    Images,
    RegionAnswer,
    RegionContent,
    RegionContentQuestion,
)
from shared.http.client import ServiceClient

_SCOPES: Final = frozenset({"abis.identify"})
IdentifierDep = Annotated[Caller, Depends(admit(Kind.PROBE, Action.IDENTIFY))]
ContentAskerDep = Annotated[Caller, Depends(admit(Kind.CONTENT, Action.READ))]

router = APIRouter(prefix="/v1/region", tags=["region"])


class ProbeRefusedError(Exception):
    """The images cannot be used."""


class MemberNotAnsweringError(Exception):
    """The member that holds the content did not answer, or may not be asked."""


async def _federation(request: Request) -> Federation:
    federation = cast("Federation | None", request.app.state.federation)
    if federation is None:
        raise NotInFederationError("this node has joined no federation")
    return federation


FederationDep = Annotated[Federation, Depends(_federation)]


@router.post(
    "/identify",
    summary="Hit or no hit by biometrics, at every member",
    operation_id="identifyInRegion",
    response_model=RegionAnswer,
)
async def identify(request: Request, body: Images, caller: IdentifierDep, federation: FederationDep) -> Response:
    """Templates go out, sealed to each member; images stay here. A hit is a reference, not a person."""
    biometrics = cast("ServiceClient", request.app.state.biometrics)
    content = body.model_dump_json(exclude_none=True)
    answer = await biometrics.request(
        caller.model_copy(update={"scopes": _SCOPES}), "POST", "/v1/probes/templates", content=content,
        headers={"content-type": "application/json"},
    )  # fmt: skip
    if answer.status_code != 200:
        raise ProbeRefusedError(str(answer.json().get("message", "the images cannot be used")))
    told = await ask_all(federation, caller, "probe", answer.content)
    return shown_model(request, caller, Kind.PROBE, told)


@router.post(
    "/documents",
    summary="Was a document's number shown elsewhere?",
    operation_id="findDocumentInRegion",
    response_model=RegionAnswer,
)
async def find_document(
    request: Request, body: DocumentQuestion, caller: IdentifierDep, federation: FederationDep
) -> Response:
    """Hit or no hit at every member; the number is sealed to each."""
    number = body.model_dump_json().encode()
    told = await ask_all(federation, caller, "document", number)
    return shown_model(request, caller, Kind.PROBE, told)


@router.post("/content", summary="The content behind a hit", operation_id="askContent", response_model=RegionContent)
async def ask_content(
    request: Request, body: RegionContentQuestion, caller: ContentAskerDep, federation: FederationDep
) -> Response:
    """Ask again with the same reference while it waits for the holder's human."""
    if not caller.case_reference:
        raise CaseReferenceMissingError("content is asked for in a numbered case: send the header Lindung-Case")
    question = ContentQuestion(reference=body.reference, legal_basis=body.legal_basis).model_dump_json().encode()
    try:
        entry = askable(federation, body.member, caller)
        answer = await federation.peers.ask(
            entry, "POST", "/federation/v1/content", caller, question, federation.seconds
        )
        if answer.status != 200:
            raise MemberNotAnsweringError(f"{entry.member} refused: {answer.status}")
        reply = ContentReply.model_validate_json(answer.body)
        records = HeldRecords(records=[])
        if reply.sealed is not None:
            opener = cast("Opener", request.app.state.opener)
            plain = opener.open(entry.member, f"content/{body.reference}", reply.sealed)
            records = HeldRecords.model_validate_json(plain)
    except (NotAMemberError, MemberSilentError, NotSealedToUsError, NoSealingKeyError, ValidationError) as error:
        raise MemberNotAnsweringError(f"{body.member} gives no answer that can be used") from error
    told = RegionContent(
        member=entry.member, state=reply.state, reason=reply.reason, by=reply.by, records=records.records
    )
    return shown_model(request, caller, Kind.CONTENT, told)
