"""A small gallery with all that belongs to it, weighed: where the coefficients come from."""

import asyncio
import gc
import multiprocessing
import tracemalloc
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from services.biometrics.encounters.reading import EncounterReader
from services.biometrics.encounters.records import encounter_row
from services.biometrics.encounters.tables import PersonRow
from services.biometrics.fingerprint.cylinders import DISC, SECTIONS, Cylinders
from services.biometrics.fingerprint.minutiae import Minutiae
from services.biometrics.fingerprint.template import FingerTemplate
from services.biometrics.identify.galleries import Galleries
from services.biometrics.identify.loading import load
from services.biometrics.index.blocks import BLOCK_ROWS
from services.biometrics.templates.extraction import Extracted
from services.biometrics.templates.features import FINGER_POSITIONS, FaceFeatures, Features, FingerFeatures
from services.biometrics.templates.sealing import EncounterSeal
from shared.contracts.osia import BiometricData, BiometricType, Encounter, EncounterStatus
from shared.crypto.keyfiles import make_key_files
from shared.crypto.sealing import KeyRing
from shared.db.database import Database, now
from shared.db.migrate import upgrade
from shared.settings import Settings

MINUTIAE_A_PRINT: Final = 40
"""Between the median (33) and the upper quartile (45) of FVC2002 set B."""

_MODELS: Final = ("capacity-face", "capacity-finger")
_FINGERS: Final = sorted(FINGER_POSITIONS)


@dataclass(frozen=True)
class Weight:
    """What people weigh in one gallery.

    Attributes:
        people: how many.
        dimension: length of a face's vector.
        fingers: prints of each person.
        memory_bytes: that are held when they were read in, without what is held once.
        table_bytes: of the database (SQLite) without images, without what it takes empty.
    """

    people: int
    dimension: int
    fingers: int
    memory_bytes: int
    table_bytes: int


def weigh(people: int, dimension: int, fingers: int) -> Weight:
    """Write people into a new database and read them into memory as a start does, in a process of their own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool, TemporaryDirectory() as folder:
        return pool.apply(_weigh, (folder, people, dimension, fingers))


def coefficients(people: int = 2_000) -> dict[str, float]:
    """Bytes a face, a print and a dimension add, from three galleries; in memory a dimension is the index's own."""
    narrow, wide, printed = (weigh(people, *shape) for shape in ((128, 0), (512, 0), (512, 2)))
    return _differences(narrow, wide, printed)


def _differences(narrow: Weight, wide: Weight, printed: Weight) -> dict[str, float]:
    found = {}
    for kind in ("memory", "table"):
        small, large, full = (asdict(each)[f"{kind}_bytes"] / each.people for each in (narrow, wide, printed))
        dimension = (large - small) / (wide.dimension - narrow.dimension)
        # what a table takes grows in pages: between these dimensions it is read off a line
        found[f"{kind}_per_dimension"] = round(dimension, 2)
        found[f"{kind}_per_person"] = round(large - dimension * wide.dimension)
        found[f"{kind}_per_print"] = round((full - large) / printed.fingers)
    return found


def _weigh(folder: str, people: int, dimension: int, fingers: int) -> Weight:
    settings = Settings(var=Path(folder), biometrics_database_url=None)
    upgrade("biometrics", settings.database_url("biometrics"))
    make_key_files(settings.key_folder)
    ring = KeyRing.load(settings.key_folder / "biometrics-sealing.json")
    table = settings.var / "biometrics.db"
    empty = table.stat().st_size
    asyncio.run(_write(settings, ring, _encounters(people, dimension, fingers)))
    memory = asyncio.run(_read(settings, ring, dimension)) + people * dimension * np.dtype(np.float32).itemsize
    return Weight(people, dimension, fingers, memory, table.stat().st_size - empty)


async def _write(settings: Settings, ring: KeyRing, people: Iterator[tuple[Encounter, list[Extracted]]]) -> None:
    database = Database(settings.database_url("biometrics"))
    async with database.write() as session:
        for number, (encounter, extracted) in enumerate(people):
            person_id = f"{number:032x}"
            wrapped, at = ring.new_subject_key(settings.member), now()
            session.add(PersonRow(person_id=person_id, member=settings.member, subject_key=wrapped, created_at=at))
            seal = EncounterSeal(ring.subject(settings.member, wrapped), person_id, person_id)
            session.add(encounter_row(seal, (person_id, person_id), encounter, extracted, at))
    await database.close()  # the last connection folds the write-ahead log into the file


async def _read(settings: Settings, ring: KeyRing, dimension: int) -> int:
    """Bytes for all that are read in a second time: the first also brings what is once.

    The index takes room for a whole block of vectors at once, so its vectors are counted by themselves.
    """
    database = Database(settings.database_url("biometrics"))
    held, weights = [], list[int]()
    tracemalloc.start()
    for _ in range(2):
        galleries = Galleries()
        await load(galleries, EncounterReader(database, ring, frozenset(_MODELS)))
        gc.collect()
        held.append(galleries)
        weights.append(tracemalloc.get_traced_memory()[0])
    await database.close()
    room = BLOCK_ROWS * dimension * np.dtype(np.float32).itemsize
    return weights[1] - weights[0] - room


def _encounters(people: int, dimension: int, fingers: int) -> Iterator[tuple[Encounter, list[Extracted]]]:
    random = np.random.default_rng(1)
    for _ in range(people):
        vector = random.standard_normal(dimension, dtype=np.float32)
        face = FaceFeatures(_MODELS[0], vector / np.linalg.norm(vector))
        prints = [FingerFeatures(_MODELS[1], _FINGERS[place], _template(random)) for place in range(fingers)]
        items = [BiometricData(biometricType=BiometricType.FACE)]
        items += [BiometricData(biometricType=BiometricType.FINGER, biometricSubType=each.position) for each in prints]
        encounter = Encounter(
            status=EncounterStatus.ACTIVE, encounterType="workers", galleries=["workers"], biometricData=items
        )
        features: list[Features] = [face, *prints]
        yield encounter, [Extracted(each, 70, "lindung") for each in features]


def _template(random: np.random.Generator) -> FingerTemplate:
    count = MINUTIAE_A_PRINT
    x, y, direction, quality = random.random((4, count), dtype=np.float32)
    kind = np.zeros(count, dtype=np.uint8)
    minutiae = Minutiae(300 * x, 400 * y, 6 * direction, quality, kind, 300, 400)
    words = np.packbits(DISC, bitorder="little").view("<u8").astype(np.uint64)
    valid = np.tile(words, (count, 1))
    bits = random.integers(2**63, size=(count, SECTIONS * len(words)), dtype=np.uint64) & np.tile(valid, SECTIONS)
    owner = np.arange(count, dtype=np.uint8)
    return FingerTemplate(minutiae, owner, Cylinders(bits, valid, minutiae.x, minutiae.y, minutiae.direction))
