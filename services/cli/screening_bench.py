"""Screening measured at full size: parties imported, mates looked for among them, beside others on the same pairs."""

import gc
import json
import random
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import numpy as np
from anyascii import anyascii
from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process
from sqlalchemy import select

from services.cli.name_oracle import OracleError, ask_oracle
from services.cli.proportions import wilson
from services.cli.screening_pairs import Pair
from services.registry.exchange.store import open_import, receive_part
from services.registry.exchange.work import ImportWork
from services.registry.parties.tables import PartyRow
from services.registry.screening.candidates import find_candidates
from services.registry.screening.cards import make_card
from services.registry.screening.comparison import Bar
from services.registry.screening.names import prepare
from services.registry.screening.scoring import compare_names
from services.registry.screening.screener import Screener
from services.sandbox.region.crowd import draw_crowd
from shared.contracts.caller import Caller, Purpose
from shared.contracts.exchange import ImportOrder
from shared.contracts.screening import QueryEntity
from shared.db.database import Database, now

SEED: Final = 20_260_601
RECALL_AT: Final = 50

_CALLER: Final = Caller(
    client_id="bench", organisation="bench", member="IDN", purpose=Purpose.REGISTER_MAINTENANCE, case_reference=None
)
_PART: Final = 700_000  # characters
_ONLY_LOOKED_FOR: Final = frozenset({"invented", "spelled twice"})
"""Sets that nobody judged: told by themselves."""


async def fill(database: Database, first: int, last: int, mates: Mapping[str, Pair], processes: int) -> dict[str, Any]:
    """Import part of the crowd, and mates after it, as any list is imported.

    Args:
        database: the registry's.
        first, last: numbers of the crowd.
        mates: parties that will be looked for, by id.
        processes: readers at the same time.

    Returns:
        Parties, seconds, CPU seconds, and the most that this process and a reader have held.
    """
    parts = sum(1 for _ in _parts(_lines(first, last, mates)))  # twice drawn, so that no memory grows with them
    order = ImportOrder(source=f"crowd-{first}", format="ftm", digest=sha256(b"%d" % first).hexdigest(), parts=parts)
    record, _ = await open_import(database, _CALLER, order)
    for number, text in enumerate(_parts(_lines(first, last, mates))):
        await receive_part(database, _CALLER, record.id, number, text)
    began, cpu = time.perf_counter(), _cpu()
    await ImportWork(database, processes).run(record.id)
    seconds = time.perf_counter() - began
    return {
        "parties": last - first + len(mates),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(_cpu() - cpu, 1),
        "memory_mb": _memory_mb(),
        "reader_memory_mb": _memory_mb(resource.RUSAGE_CHILDREN),
    }


def _lines(first: int, last: int, mates: Mapping[str, Pair]) -> Iterator[str]:
    for number, party in enumerate(draw_crowd(last, SEED)):
        if number >= first:
            yield _line(party.id, party.schema, party.properties)
    for mate, pair in mates.items():
        schema = pair.schema if pair.schema in ("Person", "Company", "Organization", "PublicBody") else "Company"
        yield _line(mate, schema, {"name": (pair.other,)})


def _line(party: str, schema: str, properties: Any) -> str:
    return json.dumps({"id": party, "schema": schema, "properties": properties}, ensure_ascii=False) + "\n"


def _parts(lines: Iterable[str]) -> Iterator[str]:
    part: list[str] = []
    size = 0
    for line in lines:
        part.append(line)
        size += len(line)
        if size >= _PART:
            yield "".join(part)
            part, size = [], 0
    if part:
        yield "".join(part)


async def measure_search(database: Database, queries: Sequence[tuple[Pair, str]]) -> dict[str, Any]:
    """Ask for every query's mate, one after the other, as a desk would.

    Args:
        database: the registry's, filled.
        queries: what is asked, each with the id of the party that it is about.
    """
    async with database.read() as session:
        known = select(PartyRow.id, PartyRow.seq).where(PartyRow.id.like("mate-%"))
        seqs = dict((await session.execute(known)).all())
    found: dict[str, list[bool]] = defaultdict(list)
    candidate_ms = []
    for query, mate in queries:
        began = time.perf_counter()
        async with database.read() as session:
            (candidates,) = await find_candidates(session, [make_card(query.schema, {"name": [query.name]})])
        candidate_ms.append(1e3 * (time.perf_counter() - began))
        hit = seqs[mate] in candidates[:RECALL_AT]
        for group in _groups(query):
            found[group].append(hit)
    return {
        "recall_at_50": {group: _share(hits) for group, hits in sorted(found.items())},
        "candidates_ms": _quantiles(candidate_ms),
        **await _measure_screening(database, [query for query, _ in queries]),
        "memory_mb": _memory_mb(),
    }


def _groups(query: Pair) -> Iterator[str]:
    if query.of not in _ONLY_LOOKED_FOR:
        kind = "across scripts" if "-" in query.script else "same script"
        yield kind
        yield f"{kind}, held out" if query.held_out else f"{kind}, development"
    yield f"{query.of} ({query.script.lower()})"


async def _measure_screening(database: Database, queries: Sequence[Pair]) -> dict[str, Any]:
    gc.collect()
    gc.freeze()  # as a service does when it starts
    screener, taken, cpu = Screener(database, 1), [], _cpu()
    for query in queries:
        began = time.perf_counter()
        await screener.screen([_entity(query)], Bar(), now().date())
        taken.append(1e3 * (time.perf_counter() - began))
    return {"screening_ms": _quantiles(taken), "cpu_ms_per_query": round(1e3 * (_cpu() - cpu) / len(queries), 2)}


def _entity(query: Pair) -> QueryEntity:
    schema = query.schema if query.schema != "Vessel" else "LegalEntity"
    return QueryEntity.model_validate({"schema": schema, "properties": {"name": [query.name]}})


def compare_systems(pairs: Sequence[Pair]) -> tuple[list[dict[str, Any]], list[str]]:
    """Every system on the same judged pairs.

    Returns:
        A row a system, and words on what was left out.
    """
    labels = np.array([pair.same for pair in pairs])
    rows, left_out = [], []
    for name, threshold, score in (("lindung", 0.7, _ours), ("rapidfuzz WRatio", 0.7, _wratio)):
        cpu = time.process_time()
        scores = [score(pair) for pair in pairs]
        spent = 1e6 * (time.process_time() - cpu) / len(pairs)
        rows.append(_row(name, np.array(scores), labels, pairs, threshold, spent))
    try:
        oracle = ask_oracle([(pair.name, pair.other, pair.schema) for pair in pairs])
    except OracleError as error:
        left_out.append(f"nomenklatura logic-v2: {error}")
    else:
        name = f"nomenklatura {oracle.version} logic-v2"
        rows.insert(1, _row(name, np.array(oracle.scores), labels, pairs, 0.7, oracle.cpu_us))
    return rows, left_out


def _ours(pair: Pair) -> float:
    return compare_names(prepare(pair.name, pair.schema), prepare(pair.other, pair.schema), pair.schema).score


def _wratio(pair: Pair) -> float:
    return fuzz.WRatio(_ascii(pair.name), _ascii(pair.other)) / 100


def _ascii(name: str) -> str:
    return default_process(anyascii(name))


def _row(
    name: str, scores: np.ndarray[Any, Any], labels: np.ndarray[Any, Any], pairs: Sequence[Pair], at: float, us: float
) -> dict[str, Any]:
    sets = sorted({pair.of for pair in pairs})
    own = {of: np.array([pair.of == of for pair in pairs]) for of in sets}
    return {
        "system": name,
        "threshold": at,
        **_figures(scores, labels, at),
        "cpu_us_per_pair": round(us, 1),
        "sets": {of: _figures(scores[chosen], labels[chosen], at) for of, chosen in own.items()},
    }


def _figures(scores: np.ndarray[Any, Any], labels: np.ndarray[Any, Any], at: float) -> dict[str, float]:
    """Precision, recall and F1 at a threshold, the best F1, and the best recall at a precision of 0.95."""
    precision, recall = _at(scores, labels, at)
    curve = [(threshold, *_at(scores, labels, threshold)) for threshold in np.unique(scores)]
    best = max(curve, key=lambda point: _f1(point[1], point[2]))
    return {
        "precision": round(precision, 3),
        "recall": round(recall, 3),
        "f1": round(_f1(precision, recall), 3),
        "best_f1": round(_f1(best[1], best[2]), 3),
        "best_threshold": round(float(best[0]), 3),
        "recall_at_p95": round(max((r for _, p, r in curve if p >= 0.95), default=0.0), 3),
    }


def _at(scores: np.ndarray[Any, Any], labels: np.ndarray[Any, Any], threshold: float) -> tuple[float, float]:
    called = scores >= threshold
    right = float((called & labels).sum())
    return right / max(1.0, float(called.sum())), right / max(1.0, float(labels.sum()))


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def brute_force(parties: int, queries: Sequence[Pair], mates: Sequence[Pair]) -> dict[str, Any]:
    """WRatio (on anyascii's letters) of every query with every party: what finding without an index costs.

    Args:
        parties: of the crowd.
        queries: some.
        mates: all that the register holds besides the crowd; that of each query comes first, in their order.
    """
    names = [_ascii(pair.other) for pair in mates]
    names += [_ascii(name) for party in draw_crowd(parties, SEED) for name in party.properties["name"]]
    found, taken, cpu = [], [], time.process_time()
    for number, query in enumerate(queries):
        began = time.perf_counter()
        best = process.extract(_ascii(query.name), names, scorer=fuzz.WRatio, processor=None, limit=RECALL_AT)
        taken.append(1e3 * (time.perf_counter() - began))
        found.append(any(at == number for _, _, at in best))
    return {
        "recall_at_50": _share(found),
        "ms": _quantiles(taken),
        "cpu_ms_per_query": round(1e3 * (time.process_time() - cpu) / len(queries), 1),
        "memory_mb": _memory_mb(),
    }


def _share(hits: Sequence[bool]) -> dict[str, float]:
    low, high = wilson(sum(hits), len(hits))
    return {"n": len(hits), "recall": round(sum(hits) / len(hits), 3), "low": round(low, 3), "high": round(high, 3)}


def _quantiles(values: Sequence[float]) -> dict[str, float]:
    return {"p50": round(float(np.median(values)), 1), "p99": round(float(np.quantile(values, 0.99)), 1)}


def _cpu() -> float:
    """Seconds of processor, of this process and of those it has waited for."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _memory_mb(whose: int = resource.RUSAGE_SELF) -> int:
    """Most that this process, or one of those it has waited for, has held."""
    return resource.getrusage(whose).ru_maxrss // 1024


Say = Callable[[str], None]


@dataclass(frozen=True)
class Step:
    """Some more parties imported, and what can be looked for then."""

    first: int
    last: int
    mates: Mapping[str, Pair]
    queries: Sequence[tuple[Pair, str]]


def steps_of(queries: Sequence[Pair], parties: int) -> list[Step]:
    """A tenth of the parties, then all of them. Half of the mates come last in either, where a list may be full.

    Args:
        queries: what will be asked; the other name of each is a mate.
        parties: of the crowd.
    """
    mates = sorted({pair.other: pair for pair in queries}.values(), key=lambda pair: pair.other)
    ids = {pair.other: f"mate-{number % 2}-{number}" for number, pair in enumerate(mates)}
    asked = [(query, ids[query.other]) for query in queries]
    halves = [{ids[pair.other]: pair for pair in mates[half::2]} for half in (0, 1)]
    early = [each for each in asked if each[1] in halves[0]]
    tenth = parties // 10
    return [Step(0, tenth, halves[0], early), Step(tenth, parties, halves[1], asked)]


async def measure_steps(database: Database, steps: Sequence[Step], say: Say) -> list[dict[str, Any]]:
    """Parties imported and mates looked for, step by step.

    Args:
        database: a registry's, migrated and empty.
        steps: as by steps_of.
        say: where progress is told.
    """
    measured, held = [], 0
    for step in steps:
        say(f"importing parties {step.first:,} to {step.last:,}")
        imported = await fill(database, step.first, step.last, step.mates, processes=2)
        held += imported["parties"]
        say(f"looking for {len(step.queries):,} parties among {held:,}")
        measured.append({"parties": held, "import": imported, **await measure_search(database, step.queries)})
    return measured


def measure_beside(pairs: Sequence[Pair], queries: Sequence[Pair], parties: int, say: Say) -> dict[str, Any]:
    """The systems side by side on the same pairs, and what finding without an index costs.

    Args:
        pairs: judged.
        queries: what is looked for.
        parties: of the crowd.
        say: where progress is told.
    """
    say("comparing systems on the same pairs")
    systems, left_out = compare_systems(pairs) if any(not pair.same for pair in pairs) else ([], ["no judged pairs"])
    say("WRatio against every party")
    some = random.Random(SEED).sample(list(queries), min(len(queries), 60))  # noqa: S311
    asked = {query.other for query in some}
    rest = {pair.other: pair for pair in queries if pair.other not in asked}
    brute = brute_force(parties, some, [*some, *rest.values()])
    return {"systems": systems, "rapidfuzz_wratio_brute_force": brute, "left_out": left_out}
