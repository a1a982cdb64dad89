"""What each act does, and how it is told: the same functions that the command line calls."""

from dataclasses import dataclass
from typing import Final

from services.gateway.access.appointing import check_client, check_person, public_half
from services.gateway.access.binding import thumbprint_of
from services.gateway.access.caps import set_own_cap
from services.gateway.access.caps_rules import Limit, load_caps
from services.gateway.access.clients import Client, Clients, KnownClient
from services.gateway.access.people.tables import UserRow
from services.gateway.access.people.users import User, Users
from services.gateway.access.recording import Step, client_subject, user_subject
from shared.contracts import access as contract
from shared.contracts.access import Act
from shared.db.database import Database

AT_ONCE: Final = (contract.CutPerson, contract.CutClient)
"""Acts that take something away: one administrator is enough, and waiting would do harm."""
_STEPS: Final[dict[type, Step]] = {
    contract.AddPerson: Step.USER_ADD,
    contract.SetRoles: Step.USER_ROLES,
    contract.ResetPerson: Step.USER_RESET,
    contract.CutPerson: Step.USER_CUT,
    contract.AddClient: Step.CLIENT_ADD,
    contract.NewKey: Step.CLIENT_ADD,
    contract.CutClient: Step.CLIENT_CUT,
    contract.SetCap: Step.CLIENT_CAP,
}


class SubjectUnknownError(Exception):
    """The administrator's member has no such person or client."""


class SubjectKnownError(Exception):
    """There is a person or a client of this id already."""


@dataclass(frozen=True)
class Registers:
    """People and clients of one member, as its administrators reach them."""

    database: Database
    member: str

    @property
    def users(self) -> Users:
        """Who signs in."""
        return Users(self.database)

    @property
    def clients(self) -> Clients:
        """Systems and desks."""
        return Clients(self.database)

    async def person(self, user: str) -> UserRow:
        """Somebody of this member, cut off or not.

        Raises:
            SubjectUnknownError: nobody.
        """
        row = await self.users.known(user)
        if row is None or row.member != self.member:
            raise SubjectUnknownError("nobody of your member has this id")
        return row

    async def client(self, name: str) -> Client:
        """A client of this member, cut off or not.

        Raises:
            SubjectUnknownError: none.
        """
        return (await self.known_client(name)).client

    async def known_client(self, name: str) -> KnownClient:
        """The same, with whether it is active.

        Raises:
            SubjectUnknownError: none.
        """
        found = await self.clients.known(name)
        if found is None or found.client.member != self.member:
            raise SubjectUnknownError("your member has no client of this id")
        return found


def subject_of(act: Act) -> str:
    """The id of the person or client that an act is about."""
    return act.user if _of_person(act) else act.client  # type: ignore[union-attr]


def step_of(act: Act) -> Step:
    """What the log says of it."""
    return _STEPS[type(act)]


def logged_subject(act: Act) -> str:
    """What the log's entries are about."""
    return user_subject(subject_of(act)) if _of_person(act) else client_subject(subject_of(act))


async def check(registers: Registers, act: Act) -> None:
    """Whether an act can be carried out as things stand.

    Raises:
        AppointmentRefusedError: an id, a name or a key that is not taken.
        RoleRefusedError: roles that do not go together, or are a system's.
        SubjectKnownError, SubjectUnknownError: there is one already, or there is none.
    """
    if _of_person(act):
        await _check_of_person(registers, act)
    else:
        await _check_of_client(registers, act)


async def _check_of_person(registers: Registers, act: Act) -> None:
    if isinstance(act, contract.AddPerson):
        check_person(_person(registers, act))
        if await registers.users.known(act.user) is not None:
            raise SubjectKnownError(f"{act.user} is registered already")
        return
    row = await registers.person(subject_of(act))
    if isinstance(act, contract.SetRoles):
        User(row.id, row.name, row.organisation, row.member, tuple(act.roles))


async def _check_of_client(registers: Registers, act: Act) -> None:
    if isinstance(act, contract.AddClient | contract.NewKey):
        public_half(act.jwk, act.client)
    if isinstance(act, contract.AddClient):
        check_client(act.client, act.organisation, act.role)
        if await registers.clients.known(act.client) is not None:
            raise SubjectKnownError(f"{act.client} is registered already")
        return
    await registers.client(subject_of(act))
    if isinstance(act, contract.SetCap) and act.cap not in {cap.name for cap in load_caps()}:
        raise SubjectUnknownError("there is no such cap")


async def carry_out(registers: Registers, act: Act) -> str | None:
    """Do it.

    Returns:
        The code that lets a person in, where the act gives one.

    Raises:
        UserKnownError, UserUnknownError, ClientUnknownError: things have changed since it was checked, or an external
            provider proves the person.
    """
    match act:
        case contract.AddPerson():
            return await registers.users.add(_person(registers, act))
        case contract.ResetPerson():
            return await registers.users.reset(act.user)
        case contract.SetRoles():
            await registers.users.appoint(act.user, tuple(act.roles))
        case contract.CutPerson():
            await registers.users.cut(act.user)
        case contract.AddClient():
            key = public_half(act.jwk, act.client)
            made = Client(act.client, act.organisation, registers.member, act.role, key, bound=act.bound)
            await registers.clients.register(made)
        case contract.NewKey():
            known = await registers.client(act.client)
            await registers.clients.register(known.with_key(public_half(act.jwk, act.client)))
        case contract.CutClient():
            await registers.clients.deactivate(act.client)
        case contract.SetCap():
            limit = Limit(act.minute, act.day) if act.minute and act.day else None
            await set_own_cap(registers.database, act.client, act.cap, limit)
    return None


def details_of(act: Act) -> list[contract.ActDetail]:
    """What an act would set, for whoever confirms it; of a key its thumbprint."""
    told = act.model_dump(exclude={"act", "user", "client", "jwk"}, exclude_none=True, mode="json")
    key = getattr(act, "jwk", None)
    if key is not None:
        told["key"] = thumbprint_of(key)
    return [contract.ActDetail(name=name, value=_text(value)) for name, value in told.items()]


def _text(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _of_person(act: Act) -> bool:
    return "user" in type(act).model_fields


def _person(registers: Registers, act: contract.AddPerson) -> User:
    return User(act.user, act.name, act.organisation, registers.member, tuple(dict.fromkeys(act.roles)))
