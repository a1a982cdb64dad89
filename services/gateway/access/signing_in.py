"""Signing in with the built-in provider: a name, a password, a code. One answer for every way in which it fails."""

import re
from typing import Final

from fastapi import Request, Response

from services.gateway.access.people.codes import step_of
from services.gateway.access.people.passwords import LONGEST
from services.gateway.access.people.room import People, people_of
from services.gateway.access.people.tables import UserRow
from services.gateway.access.proxies import address_of
from services.gateway.access.recording import Step, record, user_subject
from services.gateway.access.sessions import SignedIn, audit_log_of, begin_session, stranger
from services.gateway.audit.entries import Outcome
from shared.db.database import now

USER_ID: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
_MOST_TYPED: Final = 4 * LONGEST


class SignInRefusedError(Exception):
    """It did not succeed, for a reason that is not told."""


async def sign_in(request: Request, response: Response, username: str, password: str, code: str) -> SignedIn:
    """Prove a person by what they know and what they have, and give their browser a session.

    Raises:
        SignInRefusedError: name, password or code is wrong, the code was used, or the person was cut off.
        SignInSlowedError: too many failures; nothing was looked at.
    """
    people, name = people_of(request), username.strip().casefold()[:64]
    address = address_of(request)
    slowed = await people.slowing.begin(name, address)
    user = await _prove(people, name, password[:_MOST_TYPED], code[:16])
    if user is None:
        await _record_failure(request, name, slowed=slowed)
        raise SignInRefusedError("name, password or code is wrong, or the code was used already; wait for the next one")
    await people.slowing.forgive(name, address)
    return await begin_session(request, response, user)


async def _prove(people: People, name: str, password: str, code: str) -> UserRow | None:
    user = await people.users.find(name) if USER_ID.fullmatch(name) else None
    right = await people.passwords.verify(None if user is None else user.password, password)
    if user is None or user.code_key is None or not right:
        return None
    step = step_of(people.seal.open(user.code_key, user.id).decode(), code, now())
    return user if step is not None and await people.users.take_step(user.id, step) else None


async def _record_failure(request: Request, name: str, *, slowed: bool) -> None:
    log, caller = audit_log_of(request), stranger(request)
    for step in (Step.SIGN_IN, *((Step.LOCK_OUT,) if slowed else ())):
        await record(log, caller, step, user_subject(name), Outcome.REFUSED)
