"""The referrals' room: its errors as answers, and what it does while the registry runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from fastapi import FastAPI

from services.registry.referrals.agreements import NotAgreedError
from services.registry.referrals.contacts import Contacts
from services.registry.referrals.offices import NoReferringOfficeError
from services.registry.referrals.reminders import Reminders
from services.registry.referrals.rules import (
    CodeNotForMoveError,
    ConsentNeededError,
    IllegalReferralMoveError,
    NotForThisOfficeError,
    NotOwnStateError,
    NotThisSideError,
)
from services.registry.referrals.store import NoConsentError, ReferralUnknownError
from services.registry.screening.webhooks import Webhooks
from shared.db.database import Database
from shared.http.background import run_alongside
from shared.http.named_hosts import NamedHosts
from shared.http.problems import Answer, ProblemTable
from shared.settings import Settings

PROBLEMS: ProblemTable = {
    ReferralUnknownError: Answer(404, "not-found", "There is no such referral"),
    NoReferringOfficeError: Answer(403, "no-referring-office", "Not appointed to this"),
    NotThisSideError: Answer(403, "not-this-side", "The other office does this"),
    IllegalReferralMoveError: Answer(409, "illegal-move", "The referral cannot make this move"),
    NoConsentError: Answer(409, "no-consent", "There is no consent to revoke"),
    NotAgreedError: Answer(422, "not-agreed", "No agreement lets this be sent"),
    NotForThisOfficeError: Answer(422, "not-for-this-office", "This office is not told of the person"),
    NotOwnStateError: Answer(422, "not-own-state", "This consular office is of another state"),
    ConsentNeededError: Answer(422, "consent-needed", "Only with the person's consent"),
    CodeNotForMoveError: Answer(422, "code-not-for-move", "The code does not belong to the move"),
}
"""Errors of the room, beside those of the rooms that it reads."""


@asynccontextmanager
async def open_referrals_room(app: FastAPI, settings: Settings, database: Database) -> AsyncIterator[None]:
    """Tell offices of overdue referrals while the block runs; the way to webhooks is there already."""
    hosts = NamedHosts(settings.webhook_hosts, "webhook", "LINDUNG_WEBHOOK_HOSTS")
    app.state.referral_contacts = Contacts(database, hosts)
    async with run_alongside(Reminders(database, cast("Webhooks", app.state.webhooks).post).run()):
        yield
