"""Memory and disk of a number of people, from measured coefficients."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from services.biometrics.index.grid import lookups

Engine = Literal["embedded, sealed", "embedded, mapped", "milvus"]
ENGINES: Final[tuple[Engine, ...]] = ("embedded, sealed", "embedded, mapped", "milvus")

_FLOAT_BYTES: Final = 4
_FILE: Final = Path(__file__).with_name("coefficients.toml")


@dataclass(frozen=True)
class Gallery:
    """Who is enrolled.

    Attributes:
        people: each with one face, in one gallery.
        fingers: prints of each.
        dimension: length of a face's vector.
    """

    people: int
    fingers: int
    dimension: int

    @property
    def coded(self) -> bool:
        """Whether the index in the process keeps codes beside the vectors."""
        return bool(self.people >= _coefficients()["index"]["coded_from"])


@dataclass(frozen=True)
class Need:
    """Bytes that a gallery takes with one engine.

    Attributes:
        engine: how faces are searched.
        memory: of the biometric service, by what they are of.
        server_memory: of Milvus.
        disk: of all of it, by what they are of.
    """

    engine: Engine
    memory: dict[str, int]
    server_memory: int
    disk: dict[str, int]


def predict(gallery: Gallery, engine: Engine) -> Need:
    """What a gallery will take.

    Args:
        gallery: who.
        engine: how faces are searched.
    """
    a_person = _coefficients()["service"]["memory_per_person"]
    vectors = _FLOAT_BYTES * gallery.dimension * gallery.people
    memory = {
        "people": a_person * gallery.people,
        "prints": _prints(gallery),
        "vectors": 0 if engine != "embedded, sealed" else vectors,
        "codes": _codes(gallery) if engine != "milvus" else 0,
    }
    return Need(engine, _whole(memory), _server_memory(gallery, engine), _whole(_disk(gallery, engine)))


def sources() -> dict[str, str]:
    """The commands that measured each group of coefficients."""
    return {name: group["measured_by"] for name, group in _coefficients().items()}


def _disk(gallery: Gallery, engine: Engine) -> dict[str, float]:
    known = _coefficients()
    table, images, vectors = known["table"], known["images"], _FLOAT_BYTES * gallery.dimension
    a_person = table["per_person"] + table["per_dimension"] * gallery.dimension + table["per_print"] * gallery.fingers
    of_index = known["milvus"]["disk_per_dimension"] * gallery.dimension + known["milvus"]["disk_per_vector"]
    if engine != "milvus":
        of_index = vectors + known["index"]["snapshot_per_vector"]
    return {
        "table": a_person * gallery.people,
        "images": (images["photo"] + images["print"] * gallery.fingers) * gallery.people,
        "index": of_index * gallery.people,
    }


def _prints(gallery: Gallery) -> float:
    known = _coefficients()["service"]
    fresh = gallery.people if gallery.people <= known["searched_whole"] else known["fresh_prints"]
    coded = known["memory_per_coded_print"] * (gallery.people - fresh)
    return float(gallery.fingers * (known["memory_per_print"] * fresh + coded))


def _codes(gallery: Gallery) -> float:
    if not gallery.coded:
        return 0
    return float(_coefficients()["index"]["codes_per_lookup"] * lookups(gallery.dimension) * gallery.people)


def _server_memory(gallery: Gallery, engine: Engine) -> int:
    known = _coefficients()["milvus"]
    if engine != "milvus":
        return 0
    a_vector = known["memory_per_dimension"] * gallery.dimension + known["memory_per_vector"]
    return int(known["memory_empty"] + a_vector * gallery.people)


def _whole(figures: dict[str, float]) -> dict[str, int]:
    return {name: round(value) for name, value in figures.items()}


@cache
def _coefficients() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
