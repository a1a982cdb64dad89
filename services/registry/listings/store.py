"""Listings in the database: proposed, moved on, corrected; folded from their moves whenever they are read."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.cases.rules import is_proven, legal_status
from services.registry.cases.tables import CaseRow
from services.registry.cases.views import CaseStatement, statement
from services.registry.cases.visibility import ON_A_LIST
from services.registry.history import Recorder, RecordKind, RecordNotFoundError, Told, UnknownPartyError
from services.registry.listings.rules import DueProcessError, IllegalMoveError, Listing, check_move, refold, take
from services.registry.listings.tables import ListingMoveRow, ListingRow
from services.registry.parties.store import party_seqs
from services.registry.parties.tables import PartyRow
from services.registry.tables import chunked
from shared.contracts.cases import LegalStatus
from shared.contracts.listings import ListingBody, ListingCorrection, MoveBody
from shared.contracts.provenance import CorrectionGround


@dataclass(frozen=True)
class Docket:
    """A listing with everything that decides about it, as stored."""

    row: ListingRow
    body: ListingBody
    party: str
    caption: str
    case: CaseStatement
    case_is_theirs: bool
    moves: Sequence[ListingMoveRow]

    @property
    def struck(self) -> set[int]:
        """Numbers of moves that were taken back."""
        return {move.strikes for move in self.moves if move.strikes is not None}

    @property
    def standing(self) -> list[ListingMoveRow]:
        """Moves that count, in their order."""
        return [move for move in self.moves if move.move is not None and move.number not in self.struck]

    def case_status(self, on: date) -> LegalStatus:
        """What may be said on a day of the case; one that another party has by now says nothing of this one."""
        return legal_status(self.case.body, on) if self.case_is_theirs else LegalStatus.WITHDRAWN

    def is_proven(self, on: date) -> bool:
        """Whether a final decision stands behind it on a day."""
        return is_proven(self.case_status(on))

    def folded(self, on: date | None = None) -> Listing:
        """How it stands after the moves up to a day.

        Raises:
            ValueError: the moves were damaged.
        """
        steps = [MoveBody.model_validate(move.content) for move in self.standing]
        return refold(self.row.member, self.body.proposed_on, steps, on)


async def put_listing(recorder: Recorder, listing_id: str, body: ListingBody) -> tuple[Docket, bool]:
    """Propose to list a party because of a case; proposed the same again, nothing is changed.

    Returns:
        The listing, and whether it is new.

    Raises:
        UnknownPartyError: the party or the case is not in the register, or the case is another party's.
        NotOwnRecordError: another member recorded it, or the case.
        DayToComeError: it was proposed on a day that has not come.
        IllegalMoveError: it was proposed otherwise before.
    """
    session = recorder.session
    recorder.require_past(proposed_on=body.proposed_on)
    (party_seq,) = await party_seqs(session, body.party)
    case = await _case(session, body.case, party_seq)
    recorder.require_own(case.member)
    row = await _row_for_update(session, listing_id)
    content = body.model_dump(mode="json")
    if row is not None:
        recorder.require_own(row.member)
        if row.content != content:
            raise IllegalMoveError("a listing keeps what it was proposed with; another one is another record", ())
        return await get_docket(session, listing_id), False
    row = ListingRow(id=listing_id, party_seq=party_seq, case_seq=case.seq, member=recorder.member, version=1)
    row.content, row.state, row.as_of = content, "proposed", recorder.instant
    session.add(row)
    await session.flush()
    told = Told(body.proposed_on, None, body.authority, body.document_digest)
    recorder.keep(RecordKind.LISTING, listing_id, 1, content, told)
    return await get_docket(session, listing_id), True


async def _case(session: AsyncSession, case_id: str, party_seq: int) -> CaseRow:
    row = (await session.execute(select(CaseRow).where(CaseRow.id == case_id))).scalar_one_or_none()
    if row is None or row.party_seq != party_seq:
        raise UnknownPartyError("the register holds no such case against this party; send the case first")
    return row


async def _row_for_update(session: AsyncSession, listing_id: str) -> ListingRow | None:
    query = select(ListingRow).where(ListingRow.id == listing_id).with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


async def move_listing(recorder: Recorder, listing_id: str, step: MoveBody) -> Docket:
    """Take a listing one move further; the last move told again changes nothing.

    Raises:
        RecordNotFoundError: there is no such listing.
        NotOwnRecordError: another member recorded it.
        DayToComeError: the move lies in the future.
        IllegalMoveError, DueProcessError: as `rules.check_move`.
    """
    row, docket = await _own(recorder, listing_id)
    recorder.require_past(on=step.on)
    if docket.standing and _is_again(docket.standing[-1], step):
        return docket
    listing = docket.folded()
    step = check_move(listing, step, proven=docket.is_proven(step.on))
    return await _keep(recorder, row, take(listing, step), step, None, None)


def _is_again(last: ListingMoveRow, step: MoveBody) -> bool:
    """Whether a move was told before; days that the clocks filled in need not be told again."""
    told = step.model_dump(mode="json", exclude_none=True)
    return all(last.content.get(name) == value for name, value in told.items())


async def correct_listing(recorder: Recorder, listing_id: str, correction: ListingCorrection) -> Docket:
    """Take the last move back because it was wrongly entered, and make the right one in its place, if there is one.

    Raises:
        RecordNotFoundError: there is no such listing.
        NotOwnRecordError: another member recorded it.
        IllegalMoveError: there is no move to take back; or as `rules.check_move` for the one in its place.
        DueProcessError: as `rules.check_move` for the one in its place, or the case is no longer proven.
    """
    row, docket = await _own(recorder, listing_id)
    if not docket.standing:
        raise IllegalMoveError("there is no move to take back", ())
    wrong = docket.standing[-1]
    steps = [MoveBody.model_validate(move.content) for move in docket.standing[:-1]]
    listing = refold(row.member, docket.body.proposed_on, steps)
    step = correction.instead
    if step is not None:
        recorder.require_past(on=step.on)
        step = check_move(listing, step, proven=docket.is_proven(step.on))
        listing = take(listing, step)
    _check_correction(docket, listing, correction, recorder.instant.date())
    return await _keep(recorder, row, listing, step, wrong.number, correction)


def _check_correction(docket: Docket, after: Listing, correction: ListingCorrection, today: date) -> None:
    """Back on a list only while the case is proven, and with the document that the correction rests on."""
    if after.state not in ON_A_LIST:
        return
    if not docket.is_proven(today):
        raise DueProcessError("the case is not proven by a final decision any more")
    if docket.folded().state not in ON_A_LIST and correction.document_digest is None:
        raise DueProcessError("a correction that lists again names the digest of its document", "document_digest")


async def _own(recorder: Recorder, listing_id: str) -> tuple[ListingRow, Docket]:
    row = await _row_for_update(recorder.session, listing_id)
    if row is None:
        raise RecordNotFoundError("the register holds no such listing")
    recorder.require_own(row.member)
    return row, await get_docket(recorder.session, listing_id)


async def _keep(
    recorder: Recorder,
    row: ListingRow,
    listing: Listing,
    step: MoveBody | None,
    strikes: int | None,
    correction: ListingCorrection | None,
) -> Docket:
    row.version, row.state, row.as_of = row.version + 1, listing.state, recorder.instant
    content = {} if step is None else step.model_dump(mode="json")
    recorder.session.add(
        ListingMoveRow(
            listing_seq=row.seq,
            number=row.version,
            move=None if step is None else step.move,
            on=None if step is None else step.on,
            strikes=strikes,
            content=content,
            organisation=recorder.organisation,
            told_at=recorder.instant,
        )
    )
    said_by = correction or step
    ground: CorrectionGround | None = correction.ground if correction else None
    told = Told(
        None if step is None else step.on,
        None,
        said_by.authority if said_by else None,
        said_by.document_digest if said_by else None,
        ground,
    )
    told_content = content if correction is None else correction.model_dump(mode="json")
    recorder.keep(RecordKind.LISTING, row.id, row.version, told_content, told)
    await recorder.session.flush()
    return await get_docket(recorder.session, row.id)


async def get_docket(session: AsyncSession, listing_id: str) -> Docket:
    """A listing as stored.

    Raises:
        RecordNotFoundError: the register does not hold it.
    """
    seq = (await session.execute(select(ListingRow.seq).where(ListingRow.id == listing_id))).scalar_one_or_none()
    if seq is None:
        raise RecordNotFoundError("the register holds no such listing")
    return (await load_dockets(session, [seq]))[seq]


async def load_dockets(session: AsyncSession, seqs: Collection[int]) -> dict[int, Docket]:
    """Listings by seq, in a number of statements that does not grow with theirs.

    Raises:
        ValueError: one of them was damaged.
    """
    dockets: dict[int, Docket] = {}
    for chunk in chunked(seqs):
        moves: dict[int, list[ListingMoveRow]] = defaultdict(list)
        kept = select(ListingMoveRow).where(ListingMoveRow.listing_seq.in_(chunk)).order_by(ListingMoveRow.number)
        for move in (await session.execute(kept)).scalars():
            moves[move.listing_seq].append(move)
        query = (
            select(ListingRow, CaseRow, PartyRow.id, PartyRow.caption)
            .join(CaseRow, CaseRow.seq == ListingRow.case_seq)
            .join(PartyRow, PartyRow.seq == ListingRow.party_seq)
            .where(ListingRow.seq.in_(chunk))
        )
        for row, case, party, caption in await session.execute(query):
            body = ListingBody.model_validate(row.content)
            dockets[row.seq] = Docket(
                row, body, party, caption, statement(case, party), case.party_seq == row.party_seq, moves[row.seq]
            )
    return dockets


async def listings_of(session: AsyncSession, party_seqs: Collection[int]) -> dict[int, list[Docket]]:
    """The listings of parties, by the party's seq; one without any is not in it."""
    found: dict[int, list[Docket]] = defaultdict(list)
    for chunk in chunked(party_seqs):
        query = select(ListingRow.seq).where(ListingRow.party_seq.in_(chunk)).order_by(ListingRow.id)
        dockets = await load_dockets(session, list((await session.execute(query)).scalars()))
        for docket in sorted(dockets.values(), key=lambda docket: docket.row.id):
            found[docket.row.party_seq].append(docket)
    return dict(found)
