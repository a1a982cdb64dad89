"""One question to other members, sealed to each; what each answers, or why it does not."""

import asyncio
import secrets
from typing import Final

from pydantic import ValidationError

from services.gateway.federation.membership import NotAMemberError
from services.gateway.federation.peers import Answer, MemberSilentError
from services.gateway.federation.room import Federation
from services.gateway.probes.seals import NoSealingKeyError, seal_to
from shared.contracts.caller import Caller
from shared.contracts.membership import MemberEntry
from shared.contracts.region import HitAnswer, MemberHits, RegionAnswer, RegionState, SealedProbe

_ORDER: Final = (RegionState.SILENT, RegionState.CUT_OFF, RegionState.NOT_ASKED, RegionState.ANSWERED)
_PATHS: Final = {"probe": "/federation/v1/identify", "document": "/federation/v1/documents"}


async def ask_all(federation: Federation, caller: Caller, kind: str, content: bytes) -> RegionAnswer:
    """Ask every other member.

    Args:
        federation, caller: whose purpose says which members may be asked.
        kind: `probe` (templates) or `document` (a number).
        content: JSON of it, in the open.
    """
    every = federation.membership.others()
    parts = await asyncio.gather(*(ask_member(federation, entry, caller, kind, content) for entry in every))
    return RegionAnswer(members=sorted(parts, key=lambda each: (_ORDER.index(each.state), each.member)))


async def ask_member(
    federation: Federation, entry: MemberEntry, caller: Caller, kind: str, content: bytes
) -> MemberHits:
    """Ask one member; see `ask_all`."""
    if not entry.active:
        return MemberHits(member=entry.member, state=RegionState.CUT_OFF)
    try:
        asked = askable(federation, entry.member, caller)
        body = _sealed(asked, federation.membership.own, kind, content)
        answer = await federation.peers.ask(asked, "POST", _PATHS[kind], caller, body, federation.seconds)
        told = _told(entry, answer)
    except NotAMemberError as error:
        state = RegionState.SILENT if error.reason == "directory" else RegionState.NOT_ASKED
        return MemberHits(member=entry.member, state=state, reason=error.reason)
    except NoSealingKeyError:
        return MemberHits(member=entry.member, state=RegionState.NOT_ASKED, reason="no-sealing-key")
    except (MemberSilentError, ValidationError) as error:
        reason = error.reason if isinstance(error, MemberSilentError) else "error"
        return MemberHits(member=entry.member, state=RegionState.SILENT, reason=reason)
    answered = {"state": RegionState.ANSWERED, "outcome": told.outcome, "as_of": told.as_of, "hits": told.hits}
    return MemberHits(member=entry.member, **answered)


def askable(federation: Federation, member: str, caller: Caller) -> MemberEntry:
    """A member that may be asked for the caller's purpose.

    Raises:
        NotAMemberError: it may not.
    """
    if caller.purpose is None:
        raise NotAMemberError("purpose", "no purpose")
    federation.membership.may_ask(federation.membership.own, member, caller.purpose)
    return federation.membership.member(member)


def _sealed(entry: MemberEntry, own: str, kind: str, content: bytes) -> bytes:
    probe = secrets.token_hex(16)
    seal = seal_to(entry, own, f"{kind}/{probe}", content)
    return SealedProbe.model_construct(id=probe, sealed=seal).model_dump_json().encode()


def _told(entry: MemberEntry, answer: Answer) -> HitAnswer:
    """A member's answer, if it speaks for itself.

    Raises:
        MemberSilentError: it does not.
    """
    if answer.status != 200:
        raise MemberSilentError("refused" if answer.status < 500 else "error")
    told = HitAnswer.model_validate_json(answer.body)
    if told.member != entry.member:
        raise MemberSilentError("error")
    return told
