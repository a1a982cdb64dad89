"""What an index keeps on disk: sealed or mapped, whole or made again, and nothing of who was erased."""

import errno
import resource
import threading

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.biometrics.index import BatchedIndex, EmbeddedIndex, Hit, SnapshotFolder
from services.biometrics.index.audit import audit_index
from services.biometrics.index.runtime import check_arithmetic, coretype
from tests.biometrics.index_contract import DIMENSION, assert_same, brute_force, fill, unit

KEY = bytes(range(32))


def opened(path, key, label="gallery a"):
    return EmbeddedIndex(DIMENSION, SnapshotFolder(path, label, key), block_rows=32, coded_from=64)


def on_disk(path, key, label="gallery a"):
    """Everything on disk, opened."""
    content = b""
    for file in path.glob("*"):
        octets = file.read_bytes()
        if key and file.suffix == ".block":
            octets = AESGCM(key).decrypt(octets[:12], octets[12:], f"lindung-index/1/{label}/{file.name}".encode())
        content += octets
    return content


@pytest.mark.parametrize("key", [KEY, None], ids=["sealed", "mapped"])
def test_a_restart_has_what_the_snapshot_had(tmp_path, key):
    index = opened(tmp_path, key)
    gallery = fill(index, 100)
    index.remove(["key-5", "key-70"])
    del gallery["key-5"], gallery["key-70"]
    index.settle()
    index.snapshot()
    index.add(["too late"], unit(1, seed=8))
    index.close()
    again = opened(tmp_path, key)
    again.settle()
    assert sorted(again.keys()) == sorted(gallery)
    probe = unit(1, seed=1)
    assert_same(again.search(probe, 200)[0], brute_force(gallery, probe[0]))
    assert (again.stats().mapped_bytes > 0) == (key is None)
    assert (again.stats().vector_bytes == 0) == (key is None)
    assert again.stats().search == "codes, rescored"


@pytest.mark.parametrize("key", [KEY, None], ids=["sealed", "mapped"])
def test_who_was_removed_is_not_on_disk_after_the_next_snapshot(tmp_path, key):
    index = opened(tmp_path, key)
    gallery = fill(index, 100)
    index.snapshot()
    erased = ["key-3", "key-40", "key-99"]
    needles = [gallery[key_].tobytes() for key_ in erased]
    assert all(needle in on_disk(tmp_path, key) for needle in needles)
    index.remove(erased)
    index.snapshot()
    content = on_disk(tmp_path, key)
    assert not any(needle in content for needle in needles)
    assert not any(f'"{key_}"'.encode() in content for key_ in erased)
    assert gallery["key-4"].tobytes() in content
    assert opened(tmp_path, key).search_at(gallery["key-3"][np.newaxis], 0.999) == [[]]


def test_vectors_do_not_lie_open_in_a_sealed_snapshot(tmp_path):
    index = opened(tmp_path, KEY)
    gallery = fill(index, 40)
    index.snapshot()
    content = on_disk(tmp_path, None)
    assert not any(vector.tobytes() in content for vector in gallery.values())
    assert len(opened(tmp_path, bytes(32))) == 0  # another key
    assert len(opened(tmp_path, KEY, label="gallery b")) == 0  # another index


@pytest.mark.parametrize("key", [KEY, None], ids=["sealed", "mapped"])
@pytest.mark.parametrize("place", [0, 5, 4097, -1])
@pytest.mark.parametrize("cut", [False, True], ids=["flipped", "cut off"])
def test_a_damaged_block_is_left_out_and_the_rest_is_there(tmp_path, key, place, cut):
    index = opened(tmp_path, key)
    gallery = fill(index, 96)
    index.snapshot()
    block = min(tmp_path.glob("*.block"))
    octets = bytearray(block.read_bytes())
    octets[place] ^= 1
    block.unlink()  # another file in its place: the first index may still be reading the one it has mapped
    block.write_bytes(octets[:place] if cut else octets)
    again = opened(tmp_path, key)
    assert len(again) == 64
    left = {key_: gallery[key_] for key_ in list(again.keys())}
    assert_same(again.search(unit(1, seed=1), 200)[0], brute_force(left, unit(1, seed=1)[0]))
    missing = sorted(gallery.keys() - left.keys())
    again.add(missing, np.stack([gallery[key_] for key_ in missing]))  # as the table gives them
    again.snapshot()
    assert sorted(opened(tmp_path, key).keys()) == sorted(gallery)


@pytest.mark.parametrize("content", [b"", b"{", b'{"format": 2, "dimension": 16, "files": []}', b"[]"])
def test_a_damaged_manifest_means_an_empty_index(tmp_path, content):
    index = opened(tmp_path, KEY)
    fill(index, 40)
    index.snapshot()
    (tmp_path / "manifest.json").write_bytes(content)
    assert len(opened(tmp_path, KEY)) == 0


def test_a_manifest_names_no_file_elsewhere(tmp_path):
    (tmp_path / "manifest.json").write_text(
        '{"format": 1, "dimension": 16, "files": [{"name": "../../etc/passwd", "sha256": ""}]}'
    )
    assert len(opened(tmp_path, None)) == 0


def test_a_full_disk_leaves_the_snapshot_before(tmp_path):
    index = opened(tmp_path, KEY)
    gallery = fill(index, 40)
    index.snapshot()
    index.add(["new"], unit(1, seed=9))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(OSError) as refused:  # noqa: PT011  its number is looked at below
            index.snapshot()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert refused.value.errno == errno.EFBIG
    assert sorted(opened(tmp_path, KEY).keys()) == sorted(gallery)
    index.snapshot()
    assert "new" in opened(tmp_path, KEY).keys()  # noqa: SIM118  an index is no mapping
    assert len(list(tmp_path.glob("*"))) == 3  # two blocks and the manifest


def test_what_did_not_change_is_not_written_again(tmp_path):
    index = opened(tmp_path, KEY)
    fill(index, 100)
    index.settle()
    index.snapshot()
    before = {file.name for file in tmp_path.glob("*.block")}
    index.add(["new"], unit(1, seed=9))
    index.snapshot()
    after = {file.name for file in tmp_path.glob("*.block")}
    assert len(before & after) == 3
    assert len(after) == 4


def test_a_tail_that_fills_up_while_it_is_kept_loses_no_row(tmp_path):
    folder = SnapshotFolder(tmp_path, "gallery a", None)
    index = EmbeddedIndex(DIMENSION, folder, block_rows=32, coded_from=10**9)
    gallery = fill(index, 20)
    keep = folder.keep

    def keep_slowly(blocks):
        kept = keep(blocks)
        gallery.update(fill(index, 30, seed=5, name="meanwhile"))
        return kept

    folder.keep = keep_slowly
    index.snapshot()
    assert_same(index.search(unit(1, seed=1), 100)[0], brute_force(gallery, unit(1, seed=1)[0]))


class Slow:
    """An index whose searches wait until they are let go, and say how many probes came together."""

    dimension = DIMENSION

    def __init__(self):
        self.begun, self.let_go, self.together = threading.Semaphore(0), threading.Semaphore(0), []

    def search(self, probes, *_question):
        self.together.append(len(probes))
        self.begun.release()
        assert self.let_go.acquire(timeout=60)
        return [[Hit(f"{probe[0]:.6f}", 1.0)] for probe in probes]


def test_searches_that_arrive_together_go_together_and_each_gets_its_own_answer():
    slow = Slow()
    batched = BatchedIndex(slow)
    probes, answers = unit(9), {}

    def ask(place):
        answers[place] = batched.search(probes[place : place + 1], 5)[0][0].key

    threads = [threading.Thread(target=ask, args=[place]) for place in range(9)]
    threads[0].start()
    assert slow.begun.acquire(timeout=60)
    for thread in threads[1:]:
        thread.start()
    while len(batched._waiting) < 8:
        threading.Event().wait(0.001)
    slow.let_go.release(2)
    for thread in threads:
        thread.join()
    assert slow.together == [1, 8]
    assert answers == {place: f"{probes[place][0]:.6f}" for place in range(9)}
    assert (batched.searches, batched.passes) == (9, 2)


def test_an_error_reaches_everybody_who_waited_and_the_next_search_goes_on():
    index = EmbeddedIndex(DIMENSION)
    fill(index, 10)
    batched = BatchedIndex(index)
    with pytest.raises(ValueError, match="limit"):
        batched.search(unit(1), 0)
    index.search, broken = None, index.search
    with pytest.raises(TypeError):
        batched.search(unit(1), 3)
    index.search = broken
    assert len(batched.search(unit(1), 3)[0]) == 3


def test_the_audit_finds_who_is_lost():
    index = EmbeddedIndex(DIMENSION, block_rows=32, coded_from=64)
    fill(index, 300)
    index.settle()
    clean = audit_index(index, 0.8, 50, np.random.default_rng(1))
    assert (clean.rows, clean.probes, clean.lost) == (300, 100, ())
    assert clean.mates >= 100
    whole = index.search_at
    index.search_at = lambda probes, threshold: [
        [hit for hit in hits if hit.key != "key-7"] for hits in whole(probes, threshold)
    ]
    assert audit_index(index, 0.8, 300, np.random.default_rng(1)).lost == ("key-7",)


def test_kernels_are_named_by_what_the_processor_has():
    assert coretype({"avx2", "fma"}) == "HASWELL"
    assert coretype({"avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl"}) == "SKYLAKEX"
    assert coretype({"neon"}) is None
    check_arithmetic()
