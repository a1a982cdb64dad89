"""The referrals' room: its errors as answers."""

from services.registry.referrals.agreements import NotAgreedError
from services.registry.referrals.offices import NoReferringOfficeError
from services.registry.referrals.rules import (
    CodeNotForMoveError,
    IllegalReferralMoveError,
    NotForThisOfficeError,
    NotThisSideError,
)
from services.registry.referrals.store import NoConsentError, ReferralUnknownError
from shared.http.problems import Answer, ProblemTable

PROBLEMS: ProblemTable = {
    ReferralUnknownError: Answer(404, "not-found", "There is no such referral"),
    NoReferringOfficeError: Answer(403, "no-referring-office", "Not appointed to this"),
    NotThisSideError: Answer(403, "not-this-side", "The other office does this"),
    IllegalReferralMoveError: Answer(409, "illegal-move", "The referral cannot make this move"),
    NoConsentError: Answer(409, "no-consent", "There is no consent to revoke"),
    NotAgreedError: Answer(422, "not-agreed", "No agreement lets this be sent"),
    NotForThisOfficeError: Answer(422, "not-for-this-office", "This office is not told of the person"),
    CodeNotForMoveError: Answer(422, "code-not-for-move", "The code does not belong to the move"),
}
"""Errors of the room, beside those of the rooms that it reads."""
