"""The first sign-in: an invitation's code lets somebody choose a password and set up an authenticator app, once."""

from dataclasses import dataclass

from fastapi import Request

from services.gateway.access.people.codes import enrolment_uri, new_code_key, step_of
from services.gateway.access.people.passwords import check_password
from services.gateway.access.people.room import People, people_of
from services.gateway.access.people.tables import UserRow
from services.gateway.access.proxies import address_of
from services.gateway.access.recording import Step, record, user_subject
from services.gateway.access.sessions import audit_log_of, stranger
from shared.db.database import now


class EnrolmentRefusedError(Exception):
    """The invitation does not hold, or the app's code is wrong."""


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator app needs: `uri` as a QR code, or `secret` typed in. Shown to nobody else."""

    user: str
    name: str
    secret: str
    uri: str


async def begin_enrolment(request: Request, code: str) -> Enrolment:
    """Whom an invitation is for, and the app's secret; the same until it is finished.

    Raises:
        EnrolmentRefusedError: unknown, used or run out.
        SignInSlowedError: too many wrong ones from this address.
    """
    people = people_of(request)
    return await offer(people, await _invited(people, code, address_of(request)))


async def finish_enrolment(request: Request, code: str, password: str, totp: str) -> None:
    """Keep the password, once the app has proven that it works; the invitation is used up.

    Raises:
        EnrolmentRefusedError: as for `begin_enrolment`, or the app's code is wrong.
        PasswordRefusedError: too easily guessed.
        SignInSlowedError: too many wrong ones from this address.
    """
    people = people_of(request)
    user = await _invited(people, code, address_of(request))
    await accept(people, user, code, password, totp)
    await record(audit_log_of(request), stranger(request), Step.ENROL, user_subject(user.id))


async def offer(people: People, user: UserRow) -> Enrolment:
    """The app's secret for somebody who is invited; made the first time."""
    if user.code_key is None:
        await people.users.offer_code_key(user.id, people.seal.seal(new_code_key().encode(), user.id))
    row = await people.users.find(user.id)
    if row is None or row.code_key is None:
        raise EnrolmentRefusedError("this invitation does not hold any more")
    secret = people.seal.open(row.code_key, row.id).decode()
    return Enrolment(row.id, row.name, secret, enrolment_uri(secret, row.id))


async def accept(people: People, user: UserRow, code: str, password: str, totp: str) -> None:
    """Use an invitation up.

    Raises:
        EnrolmentRefusedError: the app's code is wrong, or the invitation was used meanwhile.
        PasswordRefusedError: too easily guessed.
    """
    check_password(password, (user.id, user.name, user.organisation))
    key = user.code_key
    step = None if key is None else step_of(people.seal.open(key, user.id).decode(), totp, now())
    if step is None or not await people.users.enrol(user.id, code, await people.passwords.keep(password), step):
        raise EnrolmentRefusedError("the app's code is wrong; check the telephone's clock and take the next code")


async def _invited(people: People, code: str, address: str) -> UserRow:
    guesser = f"invitation {address}"  # no name, and another for each address: nobody slows everybody's invitations
    await people.slowing.begin(guesser, address)
    user = await people.users.invited(code[:100])
    if user is None:
        raise EnrolmentRefusedError("this invitation is not known, was used, or has run out; ask for a new one")
    await people.slowing.forgive(guesser, address)
    return user
