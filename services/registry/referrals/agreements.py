"""What offices agreed to tell each other: data with its basis, in agreements.csv; and what is sent by it."""

import csv
from functools import cache
from importlib.resources import files
from typing import Any, Final

from shared.contracts.assessments import Assessment
from shared.contracts.referrals import (
    AgreedField,
    Agreement,
    PartyReason,
    ReferralAbout,
    ReferralContent,
    ReferralOffice,
)

_LISTS: Final = ("fields", "reasons")


class NotAgreedError(Exception):
    """No agreement lets this office send this to that one."""


@cache
def all_agreements() -> tuple[Agreement, ...]:
    """Every agreement, in the order of the table."""
    text = files(__package__).joinpath("agreements.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(Agreement.model_validate(row | {name: row[name].split() for name in _LISTS}) for row in rows)


def agreement(sender: ReferralOffice, receiver: ReferralOffice, about: ReferralAbout, *, across: bool) -> Agreement:
    """What one office may send to another, within a member state or across.

    Raises:
        NotAgreedError: nothing of this.
    """
    for each in all_agreements():
        if (each.sender, each.receiver, each.about, each.across) == (sender, receiver, about, across):
            return each
    where = " of another member state" if across else ""
    raise NotAgreedError(f"{sender.value} refers no {about.value} to {receiver.value}{where}")


def person_content(agreed: Agreement, assessment: Assessment, contact: str | None) -> ReferralContent:
    """The agreement's fields out of an assessment.

    Raises:
        NotAgreedError: there is a contact, and it may not be sent.
    """
    if contact and AgreedField.CONTACT not in agreed.fields:
        raise NotAgreedError("the agreement does not let a contact be sent")
    told: dict[AgreedField, Any] = {
        AgreedField.STRENGTH: assessment.lead.strength,
        AgreedField.INDICATORS: assessment.lead.because,
        AgreedField.EMPLOYER: assessment.employer,
        AgreedField.LANGUAGE: assessment.language,
        AgreedField.CONTACT: contact,
    }
    return _content(agreed, told)


def party_content(agreed: Agreement, party: str, reasons: list[PartyReason]) -> ReferralContent:
    """The agreement's fields of a party.

    Raises:
        NotAgreedError: a reason for which it may not be referred there.
    """
    if foreign := set(reasons) - set(agreed.reasons):
        raise NotAgreedError(f"not for {', '.join(sorted(foreign))}")
    return _content(agreed, {AgreedField.PARTY: party, AgreedField.REASONS: reasons})


def check_foreign(agreed: Agreement, content: ReferralContent) -> None:
    """Hold what another member sent against the agreement, as this member has it.

    Raises:
        NotAgreedError: another purpose, a field or reason that may not be sent, or a person without a ground.
    """
    told = {field for field in AgreedField if getattr(content, field.value) is not None}
    if content.purpose is not agreed.purpose or told - set(agreed.fields):
        raise NotAgreedError("more was sent than the agreement lets pass")
    if set(content.reasons or ()) - set(agreed.reasons):
        raise NotAgreedError("not for these reasons")
    grounds = (content.consent is not None) + (content.law is not None)
    if grounds != (agreed.about is ReferralAbout.PERSON):
        raise NotAgreedError("a person is referred by consent or by law, a party by neither")


def _content(agreed: Agreement, told: dict[AgreedField, Any]) -> ReferralContent:
    kept = {field.value: value for field, value in told.items() if field in agreed.fields}
    return ReferralContent(purpose=agreed.purpose, **kept)
