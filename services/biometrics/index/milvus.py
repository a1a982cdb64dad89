"""A gallery on a Milvus server: for more vectors than one machine holds. See docs/adr/0018."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pymilvus import DataType, MilvusClient

from services.biometrics.index.milvus_connection import COLLECTION_PREFIX, MilvusConnection
from services.biometrics.index.vectors import (
    ANY_SIMILARITY,
    Hit,
    IndexKeyError,
    IndexStats,
    IndexUnavailableError,
    VectorShapeError,
    checked_keys,
    checked_vectors,
)

MOST_HITS: Final = 16_384
"""Hits that Milvus answers for a probe at most."""
_KEY_CHARACTERS: Final = 128
_KEYS_A_CALL: Final = 1_000
_CALL_BYTES: Final = 8_000_000
_PROBES_A_CALL: Final = 64
_LOAD_SECONDS: Final = 3_600.0
_ROUNDING: Final = 1e-5
"""More than two ways to add up a float32 scalar product differ by: asked for besides, then cut off exactly."""

Row = tuple[float, str]


class MilvusIndex:
    """Exact search (FLAT) over one partition of one collection, with Strong consistency.

    A model has a collection, a gallery a partition of it: named partitions, since 2.3 puts rows that are upserted by
    partition *key* where a search by that key does not look. Every call may be repeated after IndexUnavailableError.

    Args:
        connection: to the server; closed with the index.
        gallery: its name; the server gets a digest of it.
        model_id: whose vectors.
        dimension: length of a vector.

    Raises:
        VectorShapeError: the server has vectors of another length under this model.
        IndexUnavailableError: the server does not answer.
    """

    def __init__(self, connection: MilvusConnection, gallery: str, model_id: str, dimension: int) -> None:
        self._connection = connection
        self._dimension = dimension
        self._collection = collection_of(model_id)
        self._partition = f"g_{_digest(gallery)}"
        self._in_doubt: set[str] = set()  # a call that did not end well may have reached them
        self._make_place()

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._dimension

    def __len__(self) -> int:
        """How many keys are in it."""
        own = f'id like "{self._id("")}%"'  # milvus-lite counts all partitions otherwise
        counted = self._ask("query", filter=own, output_fields=["count(*)"])
        return int(counted[0]["count(*)"])

    def keys(self) -> Iterator[str]:
        """All keys at one moment, in no order."""
        rows = self._connection.call(
            "query_iterator", self._collection, batch_size=_KEYS_A_CALL, output_fields=["id"],
            partition_names=[self._partition],
        )  # fmt: skip
        try:
            while some := rows.next():
                yield from (self._key(row["id"]) for row in some)
        finally:
            rows.close()

    def vectors(self, keys: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of some keys; see VectorIndex.vectors."""
        found = self.stored(keys)
        if len(found) != len(set(keys)):
            raise IndexKeyError("a key is not in the index")
        rows = np.array([found[key] for key in keys], dtype=np.float32)
        return rows.reshape(len(keys), self._dimension)

    def stored(self, keys: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors of those of some keys that are there: float32 (dimension,) each."""
        return {
            self._key(row["id"]): np.asarray(row["vector"], dtype=np.float32)
            for row in self._rows(keys, ["id", "vector"])
        }

    def add(self, keys: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Put vectors into the gallery; see VectorIndex.add."""
        rows = checked_vectors(vectors, self._dimension)
        checked_keys(keys, len(rows))
        if self._present(keys) - self._in_doubt:
            raise IndexKeyError("a key is in the index already")
        self.put(keys, rows)

    def put(self, keys: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Put vectors into the gallery, in the place of what was there under the same keys.

        Raises:
            VectorShapeError: as for add.
            IndexUnavailableError: some of them may be there.
        """
        rows = checked_vectors(vectors, self._dimension)
        checked_keys(keys, len(rows))
        step = max(1, _CALL_BYTES // (4 * self._dimension))
        self._in_doubt.update(keys)
        for start in range(0, len(keys), step):
            some = zip(keys[start : start + step], rows[start : start + step], strict=True)
            data = [{"id": self._id(key), "vector": row} for key, row in some]
            self._connection.call("upsert", self._collection, data, partition_name=self._partition)
        self._in_doubt.difference_update(keys)

    def remove(self, keys: Sequence[str]) -> None:
        """Take keys out of the gallery; see VectorIndex.remove."""
        checked_keys(keys, len(keys))
        if set(keys) - self._present(keys) - self._in_doubt:
            raise IndexKeyError("a key is not in the index")
        self._in_doubt.update(keys)
        for some in _parts(keys):
            ids = [self._id(key) for key in some]
            self._connection.call("delete", self._collection, ids=ids, partition_name=self._partition)
        self._in_doubt.difference_update(keys)

    def search(self, probes: NDArray[np.float32], limit: int, floor: float = ANY_SIMILARITY) -> list[list[Hit]]:
        """The keys most similar to each probe; see VectorIndex.search."""
        if limit < 1:
            raise ValueError("limit is at least 1")
        return self._found(checked_vectors(probes, self._dimension), limit, floor)

    def search_at(self, probes: NDArray[np.float32], threshold: float) -> list[list[Hit]]:
        """Everybody at or above the threshold; see VectorIndex.search_at."""
        return self._found(checked_vectors(probes, self._dimension), None, threshold)

    def snapshot(self) -> None:
        """Nothing: what is acknowledged is in Milvus's log, and outlives us and it.

        Removed rows leave its files when it compacts them, at a time of its own (docs/scale.md).
        """

    def stats(self) -> IndexStats:
        """What it holds: nothing of it is in this process."""
        return IndexStats(len(self), 0, 0, 0, 0, 0, "exact, on Milvus")

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def _make_place(self) -> None:
        call, name = self._connection.call, self._collection
        if not call("has_collection", name):
            call("create_collection", name, **_shape(self._dimension), consistency_level="Strong")
        fields = call("describe_collection", name)["fields"]
        if self._dimension not in {int(field["params"].get("dim", 0)) for field in fields}:
            raise VectorShapeError("Milvus has vectors of another length of this model")
        if not call("has_partition", name, self._partition):
            call("create_partition", name, self._partition)
        if call("get_load_state", name)["state"].name != "Loaded":
            call("load_collection", name, seconds=_LOAD_SECONDS)

    def _found(self, probes: NDArray[np.float32], limit: int | None, floor: float) -> list[list[Hit]]:
        """One more than wanted is asked for: when its score is lower, nobody equal to the last was left out."""
        asked = MOST_HITS if limit is None else min(limit + 1, MOST_HITS)
        found = []
        for start in range(0, len(probes), _PROBES_A_CALL):
            some = probes[start : start + _PROBES_A_CALL]
            for probe, rows in zip(some, self._nearest(some, asked, floor), strict=True):
                whole = rows if _complete(rows, asked, limit) else self._deeper(probe, rows, limit, floor)
                found.append([Hit(key, min(max(score, -1.0), 1.0)) for score, key in sorted(whole, key=_order)[:limit]])
        return [[hit for hit in hits if hit.similarity >= floor] for hits in found]

    def _deeper(self, probe: NDArray[np.float32], rows: list[Row], limit: int | None, floor: float) -> list[Row]:
        """Go on below the lowest score, a full answer at a time, until all that is asked for must be there."""
        found = {key: score for score, key in rows}
        while True:
            page = self._nearest(probe[np.newaxis], MOST_HITS, floor, ceiling=min(found.values()))[0]
            before = len(found)
            found |= {key: score for score, key in page}  # its scores replace: summed up alike, equals stay equal
            whole = [(score, key) for key, score in found.items()]
            if len(page) < MOST_HITS or _complete(whole, len(whole), limit):
                return whole
            if len(found) == before:
                raise IndexUnavailableError("more vectors are alike than Milvus can answer")

    def _nearest(
        self, probes: NDArray[np.float32], limit: int, floor: float, ceiling: float | None = None
    ) -> list[list[Row]]:
        """What Milvus answers: (score, key) of each probe, scores from floor to ceiling, and a rounding more."""
        params: dict[str, Any] = {"metric_type": "IP"}
        if floor > ANY_SIMILARITY or ceiling is not None:
            top = 2.0 if ceiling is None else ceiling + _ROUNDING
            params["params"] = {"radius": floor - _ROUNDING, "range_filter": top}
        answered = self._ask(
            "search", list(probes), limit=limit, output_fields=["id"], search_params=params, anns_field="vector"
        )
        return [[(float(hit["distance"]), self._key(hit["id"])) for hit in hits] for hits in answered]

    def _present(self, keys: Sequence[str]) -> set[str]:
        return {self._key(row["id"]) for row in self._rows(keys, ["id"])}

    def _rows(self, keys: Sequence[str], fields: list[str]) -> Iterator[Any]:
        for some in _parts(keys):
            ids = ", ".join(json.dumps(self._id(key)) for key in some)
            yield from self._ask("query", filter=f"id in [{ids}]", output_fields=fields)

    def _ask(self, name: str, *arguments: Any, **named: Any) -> Any:
        return self._connection.call(
            name,
            self._collection,
            *arguments,
            partition_names=[self._partition],
            consistency_level="Strong",
            **named,
        )

    def _id(self, key: str) -> str:
        """The row's id: an item stands in several galleries, and Milvus knows one row of an id."""
        return f"{self._partition}/{key}"

    def _key(self, row_id: str) -> str:
        return row_id[len(self._partition) + 1 :]


class MilvusView(MilvusIndex):
    """The same for whoever only looks, while the service writes: nothing is added or removed through it."""

    def add(self, keys: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Leave everything as it is."""

    def put(self, keys: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Leave everything as it is."""

    def remove(self, keys: Sequence[str]) -> None:
        """Leave everything as it is."""


def collection_of(model_id: str) -> str:
    """The collection of a model's vectors; the digest keeps ids apart that differ in other signs only."""
    return f"{COLLECTION_PREFIX}{re.sub('[^A-Za-z0-9]', '_', model_id)}_{_digest(model_id)}"


def _shape(dimension: int) -> dict[str, Any]:
    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=_KEY_CHARACTERS)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
    search = MilvusClient.prepare_index_params()
    search.add_index("vector", index_type="FLAT", metric_type="IP")
    return {"schema": schema, "index_params": search}


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def _parts(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    return (keys[start : start + _KEYS_A_CALL] for start in range(0, len(keys), _KEYS_A_CALL))


def _order(row: Row) -> tuple[float, str]:
    return -row[0], row[1]


def _complete(rows: list[Row], asked: int, limit: int | None) -> bool:
    """Whether nobody who belongs among the best `limit` can be missing from an answer."""
    if len(rows) < asked:
        return True
    scores = sorted((score for score, _ in rows), reverse=True)
    return limit is not None and asked > limit and scores[limit - 1] > scores[limit]
