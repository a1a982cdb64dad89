"""Whether the member state that a request names may be asked: told at once, before anything is kept to be sent."""

from typing import TYPE_CHECKING, cast

from fastapi import Request
from pydantic import BaseModel, ValidationError

from shared.contracts.caller import Caller

if TYPE_CHECKING:
    from services.gateway.federation.room import Federation


class NoOtherMembersError(Exception):
    """This node has joined no federation."""


async def receiver_may_be_asked(request: Request, caller: Caller) -> None:
    """Let a body through that names no member in `member`, this one, or one that may be asked for the caller's purpose.

    Raises:
        NoOtherMembersError: it names one, and there is no federation.
        NotAMemberError: unknown, cut off, the directory has expired, or the purpose is not agreed.
    """
    member = _named(await request.body())
    if member is None or member == caller.member or caller.purpose is None:
        return
    federation = cast("Federation | None", request.app.state.federation)
    if federation is None:
        raise NoOtherMembersError("this node has joined no federation")
    federation.membership.may_ask(federation.membership.own, member, caller.purpose)


class _Addressed(BaseModel):
    member: str | None = None


def _named(body: bytes) -> str | None:
    """The member that a body names, read as the registry reads it; what is no such body, the registry refuses."""
    try:
        return _Addressed.model_validate_json(body).member
    except ValidationError:
        return None
