"""Claims in the database: drafted, filed, heard, decided, paid."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.history import DayToComeError
from services.registry.keeping import check_hold
from services.registry.parties.store import require_party
from services.registry.redress.claim_rows import find_claim, note, pay
from services.registry.redress.claim_views import Content, SealedClaim, Words, claim, item
from services.registry.redress.computing import compute, days_of
from services.registry.redress.offices import RedressOffice
from services.registry.redress.rules import (
    OUTCOMES,
    IllegalClaimMoveError,
    NothingClaimedError,
    granted_amount,
    moved,
)
from services.registry.redress.tables import ClaimEventRow, ClaimRow
from shared.contracts.redress import (
    Claim,
    ClaimBody,
    ClaimDocument,
    ClaimKind,
    ClaimMove,
    ClaimPage,
    ClaimState,
    ClaimStep,
    DecisionBody,
    Forum,
    ReceiptBody,
)
from shared.contracts.retention import HoldBody
from shared.crypto.sealing import KeyRing
from shared.db.database import Database, now
from shared.db.newest import newest_rows

_DAYS_BEGIN_IN_THE_EAST: Final = timedelta(days=1)
_MOST_DOCUMENTS: Final = 500
_PAYMENTS: Final = frozenset({ClaimMove.PAY, ClaimMove.PAY_PART})


class FundPaysError(Exception):
    """What the aid fund pays, its ledger tells."""


class ReceiptKnownError(Exception):
    """Money with this reference was told already."""


class TooManyDocumentsError(Exception):
    """More papers than a claim holds."""


@dataclass(frozen=True)
class ClaimFilter:
    """Which claims are listed; None: whichever."""

    state: ClaimState | None = None
    kind: ClaimKind | None = None
    about: str | None = None
    against: str | None = None

    def narrow(self, query: Select[ClaimRow]) -> Select[ClaimRow]:
        """The query, for these only."""
        return query.filter_by(**{name: str(value) for name, value in vars(self).items() if value is not None})


class Claims:
    """Keeps claims.

    Args:
        database: the registry's.
        keys: sealing keys per member: each claim is sealed with a key of its own.
    """

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys

    async def draft(self, office: RedressOffice, body: ClaimBody) -> Claim:
        """Begin a claim.

        Raises:
            UnknownPartyError: the register does not hold whom it is against.
            DayToComeError: something in it has not happened yet.
            AmountTooLargeError: it comes to more than a claim can be of.
        """
        row = ClaimRow(
            id=f"C{secrets.token_hex(12)}",
            member=office.member,
            organisation=office.organisation,
            state=ClaimState.DRAFT.value,
            received=0,
            wrapped_key=self._keys.new_subject_key(office.member),
            opened_at=now(),
        )
        self._write(row, body)
        async with self._database.write() as session:
            await require_party(session, body.against, "against")
            session.add(row)
            await session.flush()
            note(session, row, None, office.person)
            return await self._view(session, row)

    async def redraft(self, office: RedressOffice, claim_id: str, body: ClaimBody) -> Claim:
        """Replace a draft.

        Raises:
            ClaimUnknownError, UnknownPartyError, DayToComeError, AmountTooLargeError.
            IllegalClaimMoveError: it is filed, and stays as it was filed.
        """
        async with self._database.write() as session:
            row = await find_claim(session, office, claim_id, lock=True)
            if row.state != ClaimState.DRAFT.value:
                raise IllegalClaimMoveError("what was filed stays as it was filed: withdraw it and file another")
            await require_party(session, body.against, "against")
            self._write(row, body)
            return await self._view(session, row)

    async def read(self, office: RedressOffice, claim_id: str) -> Claim:
        """One claim.

        Raises:
            ClaimUnknownError: none, or not this office's.
        """
        async with self._database.read() as session:
            return await self._view(session, await find_claim(session, office, claim_id))

    async def newest(self, office: RedressOffice, wanted: ClaimFilter, before: int | None, limit: int) -> ClaimPage:
        """This office's, newest first."""
        query = wanted.narrow(select(ClaimRow)).where(office.claims)
        async with self._database.read() as session:
            rows, more = await newest_rows(session, query, ClaimRow.seq, before, limit)
        return ClaimPage(items=[item(row) for row in rows], next=more)

    async def step(self, office: RedressOffice, claim_id: str, body: ClaimStep) -> Claim:
        """File, tell of a hearing, appeal, close or withdraw.

        Raises:
            ClaimUnknownError, IllegalClaimMoveError, DayToComeError.
            NothingClaimedError: what is filed comes to nothing.
        """
        async with self._database.write() as session:
            row = await find_claim(session, office, claim_id, lock=True)
            row.state = moved(ClaimState(row.state), body.move).value
            if body.move is ClaimMove.FILE and row.claimed == 0:
                raise NothingClaimedError("the computation comes to nothing")
            return await self._told(session, office, row, body.move, body)

    async def decide(self, office: RedressOffice, claim_id: str, body: DecisionBody) -> Claim:
        """Tell what the forum decided, the first time or on appeal.

        Raises:
            ClaimUnknownError, IllegalClaimMoveError, DayToComeError, GrantedAmountError.
        """
        async with self._database.write() as session:
            row = await find_claim(session, office, claim_id, lock=True)
            row.state = moved(ClaimState(row.state), OUTCOMES[body.outcome]).value
            row.granted = granted_amount(body.outcome, row.claimed, body.amount)
            return await self._told(session, office, row, OUTCOMES[body.outcome], body, row.granted)

    async def receive(self, office: RedressOffice, claim_id: str, body: ReceiptBody) -> Claim:
        """Tell that money reached the claimant.

        Raises:
            ClaimUnknownError, IllegalClaimMoveError, DayToComeError, MoreThanGrantedError.
            FundPaysError: the claim is the aid fund's.
            ReceiptKnownError: the reference was told before.
        """
        async with self._database.write() as session:
            row = await find_claim(session, office, claim_id, lock=True)
            if row.forum == Forum.FUND.value:
                raise FundPaysError("the aid fund pays by a payment that a second person releases")
            before = [each for each in (await self._view(session, row)).events if each.move in _PAYMENTS]
            if body.reference in {each.reference for each in before}:
                raise ReceiptKnownError("money with this reference was told already")
            return await self._told(session, office, row, pay(row, body.amount), body, body.amount)

    async def add_documents(self, office: RedressOffice, claim_id: str, more: Sequence[ClaimDocument]) -> Claim:
        """Add papers; one that is there already is not there twice.

        Raises:
            ClaimUnknownError.
            TooManyDocumentsError: more than a claim holds.
        """
        async with self._database.write() as session:
            row = await find_claim(session, office, claim_id, lock=True)
            sealed = SealedClaim(row, self._keys)
            content = sealed.content
            documents = {(each.kind, each.digest): each for each in (*content.body.documents, *more)}
            if list(documents.values()) == content.body.documents:
                return await self._view(session, row)
            if len(documents) > _MOST_DOCUMENTS:
                raise TooManyDocumentsError(f"a claim holds {_MOST_DOCUMENTS} papers at most")
            content.body.documents = list(documents.values())
            row.content = sealed.seal(content)
            note(session, row, ClaimMove.ADD, office.person)
            return await self._view(session, row)

    async def hold(self, office: RedressOffice, claim_id: str, body: HoldBody) -> Claim:
        """Keep a claim until a day, whatever the clock says; or no longer.

        Raises:
            ClaimUnknownError, ErasedError.
            HoldRefusedError: this is no hold for a while.
        """
        check_hold(body.until, now().date())
        async with self._database.write() as session:
            row = await find_claim(session, office, claim_id, lock=True)
            row.held_until = body.until
            told = SealedClaim(row, self._keys).seal_told(Words(note=body.reason))
            note(session, row, ClaimMove.HOLD, office.person, day=body.until, told=told)
            return await self._view(session, row)

    def _write(self, row: ClaimRow, body: ClaimBody) -> None:
        row.kind, row.forum, row.currency = body.kind.value, body.forum.value, body.currency
        row.about, row.against = body.about, body.against
        _require_past(*days_of(body))
        content = Content(body=body, computation=compute(body))
        row.claimed = content.computation.total
        row.content = SealedClaim(row, self._keys).seal(content)

    async def _told(
        self,
        session: AsyncSession,
        office: RedressOffice,
        row: ClaimRow,
        move: ClaimMove,
        body: ClaimStep | DecisionBody | ReceiptBody,
        amount: int | None = None,
    ) -> Claim:
        _require_past(body.day)
        told = SealedClaim(row, self._keys).seal_told(body)
        note(session, row, move, office.person, day=body.day, amount=amount, told=told)
        return await self._view(session, row)

    async def _view(self, session: AsyncSession, row: ClaimRow) -> Claim:
        query = select(ClaimEventRow).where(ClaimEventRow.claim_seq == row.seq).order_by(ClaimEventRow.seq)
        return claim(SealedClaim(row, self._keys), (await session.scalars(query)).all())


def _require_past(*days: date) -> None:
    if max(days, default=date.min) > now().date() + _DAYS_BEGIN_IN_THE_EAST:
        raise DayToComeError("this day has not come yet")
