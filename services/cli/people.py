"""Commands on the people who sign in, straight in the gateway's database: for whoever holds its credentials."""

import sys

import click
import segno

from services.cli.console import fail, json_option, show_json
from services.cli.registers import Registers, with_registers
from services.gateway.access.appointing import AppointmentRefusedError, check_person
from services.gateway.access.enrolment import Enrolment, EnrolmentRefusedError, accept, offer
from services.gateway.access.people.passwords import PasswordRefusedError
from services.gateway.access.people.users import (
    INVITED_FOR,
    RoleRefusedError,
    User,
    UserKnownError,
    UserUnknownError,
    state_of,
)
from services.gateway.access.recording import Step, user_subject
from shared.contracts.caller import APPOINTED, Role
from shared.crypto.keyfiles import MEMBERS


@click.group(epilog="Example: lindung user list")
def user() -> None:
    """The people who sign in with a password and an authenticator app, or through another provider."""


@user.command(
    epilog="Example: lindung user add o-1047 --name 'Officer 1047' --role licensing_officer --member IDN "
    "--organisation 'Licensing office'"
)
@click.argument("user_id", metavar="ID")
@click.option("--name", required=True, help="As colleagues read it.")
@click.option(
    "--role", "roles", type=click.Choice([role.value for role in APPOINTED]), multiple=True, required=True,
    help="The first is taken at sign-in; give it again for each other.",
)  # fmt: skip
@click.option("--member", type=click.Choice(MEMBERS), required=True, help="Member state that they act for.")
@click.option("--organisation", required=True, help="Whose they are, as the log of accesses will say.")
@json_option
def add(user_id: str, name: str, roles: tuple[str, ...], member: str, organisation: str, as_json: bool) -> None:
    """Register somebody, and show the code, once, with which they choose a password and set up their app.

    The log shows the ID at whatever they look at: a staff number is better than a name.
    """
    try:
        person = User(user_id, name, organisation, member, tuple(Role(role) for role in dict.fromkeys(roles)))
        check_person(person)
    except AppointmentRefusedError as error:
        raise click.UsageError(str(error)) from error
    except RoleRefusedError as error:
        fail(str(error))

    async def work(registers: Registers) -> str:
        code = await registers.people.users.add(person)
        await registers.record(Step.USER_ADD, user_subject(user_id))
        return code

    try:
        _show_code(user_id, with_registers(work), as_json=as_json)
    except UserKnownError as error:
        fail(str(error))


@user.command(epilog="Example: lindung user roles o-1047 --role auditor")
@click.argument("user_id", metavar="ID")
@click.option("--role", "roles", type=click.Choice([role.value for role in APPOINTED]), multiple=True, required=True)
@json_option
def roles(user_id: str, roles: tuple[str, ...], as_json: bool) -> None:
    """Appoint somebody to these roles and no others; their sessions end."""

    async def work(registers: Registers) -> None:
        await registers.people.users.appoint(user_id, tuple(Role(role) for role in dict.fromkeys(roles)))
        await registers.record(Step.USER_ROLES, user_subject(user_id))

    try:
        with_registers(work)
    except (UserUnknownError, RoleRefusedError) as error:
        fail(f"{user_id}: {error}")
    if as_json:
        show_json({"user": user_id, "roles": list(roles)})
    else:
        click.echo(f"{user_id}: {', '.join(roles)}")


@user.command(epilog="Example: lindung user reset o-1047")
@click.argument("user_id", metavar="ID")
@json_option
def reset(user_id: str, as_json: bool) -> None:
    """Somebody lost password or telephone, or was cut off: end their sessions, and show a new code, once."""

    async def work(registers: Registers) -> str:
        code = await registers.people.users.reset(user_id)
        await registers.record(Step.USER_RESET, user_subject(user_id))
        return code

    try:
        _show_code(user_id, with_registers(work), as_json=as_json)
    except UserUnknownError as error:
        fail(f"{user_id}: {error}")


@user.command(epilog="Example: lindung user cut o-1047")
@click.argument("user_id", metavar="ID")
@json_option
def cut(user_id: str, as_json: bool) -> None:
    """Cut somebody off, in every browser, from the next request on. `user reset` lets them in again."""

    async def work(registers: Registers) -> None:
        await registers.people.users.cut(user_id)
        await registers.record(Step.USER_CUT, user_subject(user_id))

    try:
        with_registers(work)
    except UserUnknownError as error:
        fail(f"{user_id}: {error}")
    if as_json:
        show_json({"user": user_id, "active": False})
    else:
        click.echo(f"cut off: {user_id}")


@user.command("list", epilog="Example: lindung user list --json")
@json_option
def show(as_json: bool) -> None:
    """Everybody, with their roles, and whether they are active and have set a password."""

    async def work(registers: Registers) -> list[dict[str, object]]:
        return [
            {
                "user": row.id,
                "name": row.name,
                "organisation": row.organisation,
                "member": row.member,
                "roles": row.roles,
                "state": state_of(row).value,
                "since": row.created_at.isoformat(),
            }
            for row in await registers.people.users.all()
        ]

    rows = with_registers(work)
    if as_json:
        show_json({"users": rows})
        return
    for row in rows:
        click.echo("{state:<9} {user:<24} {member}  {organisation}  {name}".format(**row))


@user.command(epilog="Example: lindung user enrol ABCD-EFGH-IJKL-MNOP")
@click.argument("code")
@json_option
def enrol(code: str, as_json: bool) -> None:
    """Use an invitation here, without a browser: shows the app's QR code, asks for a password and the app's code."""

    async def begin(registers: Registers) -> Enrolment | None:
        row = await registers.people.users.invited(code)
        return None if row is None else await offer(registers.people, row)

    enrolment = with_registers(begin)
    if enrolment is None:
        fail("this invitation is not known, was used, or has run out")
    segno.make_qr(enrolment.uri).terminal(out=sys.stderr, compact=True)
    click.echo(f"{enrolment.user}: read this with an authenticator app, or type {enrolment.secret}", err=True)
    password = click.prompt("New password", hide_input=True, confirmation_prompt=True, err=True)
    totp = click.prompt("Code of the app", err=True)

    async def finish(registers: Registers) -> None:
        row = await registers.people.users.invited(code)
        if row is None:
            raise EnrolmentRefusedError("this invitation was used meanwhile")
        await accept(registers.people, row, code, password, totp)
        await registers.record(Step.ENROL, user_subject(row.id))

    try:
        with_registers(finish)
    except (EnrolmentRefusedError, PasswordRefusedError) as error:
        fail(str(error))
    if as_json:
        show_json({"user": enrolment.user, "enrolled": True})
    else:
        click.echo(f"enrolled: {enrolment.user}")


def _show_code(user_id: str, code: str, *, as_json: bool) -> None:
    if as_json:
        show_json({"user": user_id, "code": code, "days": INVITED_FOR.days})
    else:
        click.echo(f"{user_id}: within {INVITED_FOR.days} days, open /enrol at the gateway and type {code}")
        click.echo(f"or, at this machine: lindung user enrol {code}")
