"""Screening measured at full size: parties imported, mates looked for among them, beside others on the same pairs."""

import csv
import json
import random
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
from anyascii import anyascii
from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process

from services.cli.name_oracle import OracleError, ask_oracle
from services.registry.exchange.store import open_import, receive_part
from services.registry.exchange.work import ImportWork
from services.registry.parties.tables import PartyRow
from services.registry.screening.candidates import find_candidates
from services.registry.screening.cards import make_card
from services.registry.screening.comparison import Bar
from services.registry.screening.names import prepare, script_of
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
_DEVELOPMENT: Final = 128  # of 256: a name's digest decides whether rules may be fitted to it


@dataclass(frozen=True)
class Pair:
    """Two names, and whether they are one party's."""

    name: str
    other: str
    schema: str
    same: bool
    of: str

    @property
    def script(self) -> str:
        """Scripts of both, alphabetically; one where they are the same."""
        return "-".join(sorted({script_of(self.name), script_of(self.other)}))

    @property
    def held_out(self) -> bool:
        """Not of the half that rules may be fitted to."""
        return sha256(self.name.encode()).digest()[0] >= _DEVELOPMENT


def read_pairs(folder: Path) -> list[Pair]:
    """The judged pairs of an evaluation folder."""
    pairs: list[Pair] = []
    for path, column in ((folder / "name_pairs.csv", "case_group"), (folder / "cross_script_pairs.csv", "set")):
        with path.open(encoding="utf-8", newline="") as file:
            pairs += [
                Pair(row["name1"], row["name2"], row["schema"], row["is_match"] == "true", _set(path, row[column]))
                for row in csv.DictReader(file)
                if row["schema"] != "Vessel"
            ]
    return pairs


def _set(path: Path, name: str) -> str:
    return "name_pairs" if path.stem == "name_pairs" else name


def invented_pairs(count: int, seed: int) -> list[Pair]:
    """Pairs made from invented names, where no evaluation data is there: misspelled, reordered, in the other script."""
    rng, pairs = random.Random(seed), []  # noqa: S311  a draw, not a secret
    for party in draw_crowd(count, seed + 1):
        name = party.properties["name"][0]
        other = party.properties.get("alias", (_misspelled(name, rng),))[0]
        pairs.append(Pair(name, other, party.schema, True, "invented"))
    return pairs


def _misspelled(name: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(name))
    return name[:at] + name[at + 1 :] if rng.random() < 0.5 else name[:at] + name[at - 1] + name[at:]


async def fill(database: Database, first: int, last: int, mates: Sequence[Pair], processes: int) -> dict[str, Any]:
    """Import part of the crowd, and mates, as any list is imported.

    Returns:
        Seconds, CPU seconds and parties.
    """
    order = ImportOrder(source=f"crowd-{first}", format="ftm", digest=sha256(b"%d" % first).hexdigest(), parts=1)
    parts = list(_parts(_lines(first, last, mates)))
    record, _ = await open_import(database, _CALLER, order.model_copy(update={"parts": len(parts)}))
    for number, text in enumerate(parts):
        await receive_part(database, _CALLER, record.id, number, text)
    del parts
    began, cpu = time.perf_counter(), _cpu()
    await ImportWork(database, processes).run(record.id)
    seconds = time.perf_counter() - began
    return {
        "parties": last - first + len(mates),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(_cpu() - cpu, 1),
        "memory_mb": _memory_mb(),
    }


def _lines(first: int, last: int, mates: Sequence[Pair]) -> Iterator[str]:
    for number, party in enumerate(draw_crowd(last, SEED)):
        if number >= first:
            yield _line(party.id, party.schema, party.properties)
    for number, pair in enumerate(mates):
        schema = pair.schema if pair.schema in ("Person", "Company", "Organization", "PublicBody") else "Company"
        yield _line(f"mate-{first}-{number}", schema, {"name": (pair.other,)})


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


async def measure_search(database: Database, queries: Sequence[Pair], mates: Sequence[str]) -> dict[str, Any]:
    """Ask for every query's mate, one after the other, as a desk would.

    Args:
        database: the registry's, filled.
        queries: what is asked.
        mates: id of the party that each query is about.
    """
    async with database.read() as session:
        seqs = dict(
            (
                await session.execute(
                    PartyRow.__table__.select()
                    .with_only_columns(PartyRow.id, PartyRow.seq)
                    .where(PartyRow.id.like("mate-%"))
                )
            ).all()
        )
    found: dict[str, list[bool]] = defaultdict(list)
    candidate_ms = []
    for query, mate in zip(queries, mates, strict=True):
        began = time.perf_counter()
        async with database.read() as session:
            (candidates,) = await find_candidates(session, [make_card({"name": [query.name]})])
        candidate_ms.append(1e3 * (time.perf_counter() - began))
        hit = seqs[mate] in candidates[:RECALL_AT]
        for group in _groups(query):
            found[group].append(hit)
    return {
        "recall_at_50": {group: _share(hits) for group, hits in sorted(found.items())},
        "candidates_ms": _quantiles(candidate_ms),
        **await _measure_screening(database, queries),
        "memory_mb": _memory_mb(),
    }


def _groups(query: Pair) -> Iterator[str]:
    kind = "across scripts" if "-" in query.script else "same script"
    yield kind
    yield f"{kind}, held out" if query.held_out else f"{kind}, development"
    yield f"{query.of} ({query.script.lower()})"


async def _measure_screening(database: Database, queries: Sequence[Pair]) -> dict[str, Any]:
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
    return {"n": len(hits), "recall": round(sum(hits) / len(hits), 3)}


def _quantiles(values: Sequence[float]) -> dict[str, float]:
    return {"p50": round(float(np.median(values)), 1), "p99": round(float(np.quantile(values, 0.99)), 1)}


def _cpu() -> float:
    """Seconds of processor, of this process and of those it has waited for."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _memory_mb() -> int:
    """Most that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


Say = Callable[[str], None]


async def measure(database: Database, pairs: Sequence[Pair], parties: int, say: Say) -> dict[str, Any]:
    """The whole measurement: a tenth of the parties, all of them, the systems side by side.

    Args:
        database: a registry's, migrated and empty.
        pairs: judged pairs; those that are the same are also looked for.
        parties: of the crowd.
        say: where progress is told.
    """
    mates = sorted({pair.other: pair for pair in pairs if pair.same}.values(), key=lambda pair: pair.other)
    at = {pair.other: f"mate-0-{number}" for number, pair in enumerate(mates)}
    queries = [pair for pair in pairs if pair.same and pair.name != pair.other]
    steps = []
    for first, last in ((0, parties // 10), (parties // 10, parties)):
        say(f"importing parties {first:,} to {last:,}")
        imported = await fill(database, first, last, mates if first == 0 else [], processes=2)
        say(f"looking for {len(queries):,} parties among {last:,}")
        ours = await measure_search(database, queries, [at[query.other] for query in queries])
        steps.append({"parties": last + len(mates), "import": imported, **ours})
    say("comparing systems on the same pairs")
    systems, left_out = compare_systems(pairs) if any(not pair.same for pair in pairs) else ([], ["no judged pairs"])
    say("WRatio against every party")
    some = random.Random(SEED).sample(queries, min(len(queries), 60))  # noqa: S311
    rest = [mate for mate in mates if mate.other not in {query.other for query in some}]
    brute = brute_force(parties, some, [*some, *rest])
    growth = steps[1]["cpu_ms_per_query"] / steps[0]["cpu_ms_per_query"]
    return {
        "database": database.url.get_backend_name(),
        "steps": steps,
        "growth": round(growth, 2),
        "systems": systems,
        "rapidfuzz_wratio_brute_force": brute,
        "left_out": left_out,
    }
