"""Entries of a list written into the register: parties, what the list says of them, the index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import insert, select, update

from services.registry.exchange.reading import TWICE, Entry
from services.registry.history import NotOwnRecordError, Recorder
from services.registry.imported import EntryRow
from services.registry.parties.store import create_parties, put_party
from services.registry.parties.tables import PartyRow
from services.registry.screening.index import add_leaves, index_party
from shared.contracts.exchange import ImportOrder, Rejection
from shared.contracts.parties import PartyBody


@dataclass
class Outcome:
    """What came of some entries."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejections: list[Rejection] = field(default_factory=list)


async def write_entries(recorder: Recorder, import_id: str, order: ImportOrder, entries: Sequence[Entry]) -> Outcome:
    """Make the register say what the entries say; what it says already is left as it is."""
    known = await _known(recorder, order, entries)
    outcome, telling = Outcome(), []
    same: list[int] = []
    for entry in entries:
        row = known.get(entry.entry)
        if row is not None and row.last_import == import_id:
            outcome.rejections.append(Rejection(line=entry.line, reason=TWICE))
        elif row is not None and row.digest == entry.digest and row.delisted_at is None:
            same.append(row.seq)
        else:
            telling.append(entry)
    outcome.unchanged = len(same)
    if order.dry_run:
        outcome.changed = sum(entry.entry in known for entry in telling)
        outcome.created = len(telling) - outcome.changed
        return outcome
    if same:
        await recorder.session.execute(update(EntryRow).where(EntryRow.seq.in_(same)).values(last_import=import_id))
    await _tell(recorder, import_id, order, telling, known, outcome)
    return outcome


async def _known(recorder: Recorder, order: ImportOrder, entries: Sequence[Entry]) -> dict[str, EntryRow]:
    query = select(EntryRow).where(
        EntryRow.member == recorder.member,
        EntryRow.source == order.source,
        EntryRow.entry.in_([entry.entry for entry in entries]),
    )
    return {row.entry: row for row in (await recorder.session.execute(query)).scalars()}


async def _tell(
    recorder: Recorder,
    import_id: str,
    order: ImportOrder,
    entries: Sequence[Entry],
    known: Mapping[str, EntryRow],
    outcome: Outcome,
) -> None:
    query = select(PartyRow.id).where(PartyRow.id.in_([entry.id for entry in entries]))
    held = set((await recorder.session.execute(query)).scalars())
    new = [entry for entry in entries if entry.id not in held]
    seqs = await create_parties(recorder, [entry.party for entry in new])
    await add_leaves(recorder.session, [(seqs[entry.id], entry.leaf) for entry in new])
    taken = list(new)
    for entry in entries:
        if entry.id in held:
            try:
                await put_party(recorder, entry.id, PartyBody.model_validate(entry.party.content), index_party)
            except NotOwnRecordError as error:
                outcome.rejections.append(Rejection(line=entry.line, reason=str(error)))
            else:
                taken.append(entry)
    await _keep_standing(recorder, import_id, order, taken, known)
    fresh = sum(entry.entry not in known for entry in taken)
    outcome.created, outcome.changed = fresh, len(taken) - fresh


async def _keep_standing(
    recorder: Recorder, import_id: str, order: ImportOrder, entries: Sequence[Entry], known: Mapping[str, EntryRow]
) -> None:
    fresh = []
    for entry in entries:
        told = {"digest": entry.digest, "last_import": import_id, "delisted_at": None, **entry.standing}
        row = known.get(entry.entry)
        if row is None:
            ids = {"member": recorder.member, "source": order.source, "entry": entry.entry, "party": entry.id}
            fresh.append(ids | told)
        else:
            for name, value in told.items():
                setattr(row, name, value)
    if fresh:
        await recorder.session.execute(insert(EntryRow), fresh)
