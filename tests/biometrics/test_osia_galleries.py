"""The memory that searches see, under many threads at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from services.biometrics.encounters.enrolled import EnrolledEncounter, EnrolledItem
from services.biometrics.identify.galleries import Galleries
from services.biometrics.templates.features import FaceFeatures


def unit(seed: int) -> np.ndarray:
    vector = np.random.default_rng(seed).normal(size=16)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def enrolled(seq: int, gallery: str = "g", person: str | None = None, model: str = "m") -> EnrolledEncounter:
    item = EnrolledItem(f"i{seq}", FaceFeatures(model, unit(seq)), None, None)
    return EnrolledEncounter(seq, person or f"p{seq}", f"e{seq}", frozenset({gallery}), (item,))


def nearest(galleries: Galleries, seed: int, gallery: str = "g", model: str = "m") -> str | None:
    hits = galleries.nearest(gallery, FaceFeatures(model, unit(seed)), 1)
    return max(hits, key=lambda hit: hit[1])[0] if hits else None


def test_only_the_asked_gallery_and_model_are_searched() -> None:
    galleries = Galleries()
    galleries.add_all([enrolled(1, "a"), enrolled(2, "b"), enrolled(3, "a", model="other")])
    assert nearest(galleries, 2, "a") == "i1"
    assert nearest(galleries, 2, "ALL") == "i2"
    assert nearest(galleries, 3, "a", "other") == "i3"
    assert nearest(galleries, 1, "nowhere") is None


def test_removing_is_complete_and_may_be_repeated() -> None:
    galleries = Galleries()
    galleries.add_all([enrolled(1), enrolled(2, person="p1")])
    galleries.remove(1)
    galleries.remove(1)
    assert galleries.item("i1") is None
    assert [each.seq for each in galleries.of_person("g", "p1")] == [2]
    galleries.remove(2)
    assert len(galleries) == 0
    assert nearest(galleries, 1) is None
    galleries.add(enrolled(1))
    assert nearest(galleries, 1) == "i1"


@pytest.mark.parametrize("threads", [4])
def test_what_was_added_is_found_at_once_while_others_add_and_remove(threads: int) -> None:
    galleries, start = Galleries(), threading.Barrier(threads)

    def work(lane: int) -> int:
        start.wait()
        found = 0
        for seq in range(lane * 1000, lane * 1000 + 150):
            galleries.add(enrolled(seq))
            found += nearest(galleries, seq) == f"i{seq}"
            if seq % 3 == 0:
                galleries.remove(seq)
                found -= nearest(galleries, seq) == f"i{seq}"
        return found

    with ThreadPoolExecutor(threads) as pool:
        assert list(pool.map(work, range(threads))) == [150] * threads
    assert len(galleries) == threads * 100
