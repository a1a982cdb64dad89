"""The ring's file: followed by who has loaded it, changed by one at a time, and whole after a power cut."""

import json
import secrets
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.crypto.keyfiles import MEMBERS, make_key_files
from shared.crypto.ringfile import mend, overwrite_ring_file, read_ring_file, write_durably
from shared.crypto.rotation import RotationBusyError, rotating
from shared.crypto.sealing import KeyRing, MemberKeyMissingError, wrapping_mark

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    make_key_files(tmp_path / "keys")
    return tmp_path / "keys" / "registry-sealing.json"


def test_a_loaded_ring_follows_its_file(path: Path) -> None:
    ring = KeyRing.load(path)
    old = ring.new_subject_key("IDN")
    with rotating(path) as file:
        begun = file.begin(NOON)
        assert (begun.kid, begun.resumed) == ("2", False)
    assert ring.new_subject_key("IDN").startswith(wrapping_mark("2"))
    sealed = ring.subject("IDN", old).seal(b"face", "a/1")
    new = ring.rewrap("IDN", old)
    assert ring.subject("IDN", new).open(sealed, "a/1") == b"face"
    with rotating(path) as file:
        file.finish()
        assert file.made_at() == NOON
        file.drop([(member, "1") for member in MEMBERS])
    assert ring.kids("IDN") == ("2",)
    assert ring.subject("IDN", new).open(sealed, "a/1") == b"face"
    with pytest.raises(MemberKeyMissingError):
        ring.subject("IDN", old)


def test_the_newest_key_is_never_dropped(path: Path) -> None:
    with rotating(path) as file:
        file.drop([(member, "1") for member in MEMBERS])
    assert KeyRing.load(path).kids("IDN") == ("1",)


def test_a_rotation_that_was_not_finished_is_found_again(path: Path) -> None:
    with rotating(path) as file:
        file.begin(NOON)
    with rotating(path) as file:
        assert file.begin(NOON).resumed
        assert KeyRing.load(path).kids("IDN") == ("2", "1")
        file.finish()
        assert file.begin(NOON).kid == "3"


def test_one_at_a_time(path: Path) -> None:
    with rotating(path), pytest.raises(RotationBusyError), rotating(path):
        pass


def test_a_file_that_cannot_be_read_changes_nothing(path: Path) -> None:
    ring, whole = KeyRing.load(path), path.read_text()
    wrapped = ring.new_subject_key("IDN")
    for damage in ("", "{", "[]", '{"IDN": []}', '{"IDN": [{"kid": "9", "key": "AAAA"}]}', '{"IDN": 5}'):
        path.write_text(damage)
        assert ring.kids("IDN") == ("1",)
        ring.subject("IDN", wrapped)
    path.unlink()
    ring.subject("IDN", wrapped)
    path.write_text(whole)
    assert ring.new_subject_key("MYS")


def test_the_file_stays_the_same_file_and_its_owners_only(path: Path) -> None:
    inode = path.stat().st_ino
    overwrite_ring_file(path, "{}")
    assert (path.stat().st_ino, path.stat().st_mode & 0o777, path.read_text()) == (inode, 0o600, "{}")
    assert not list(path.parent.glob("*.next*"))


@pytest.mark.parametrize("left", ["", "{", '{"IDN": [{"kid": "2"'])
def test_what_a_power_cut_left_is_mended(path: Path, left: str) -> None:
    whole = path.read_text()
    write_durably(path.with_name(path.name + ".next"), whole.encode())
    path.write_text(left)
    with rotating(path) as file:
        assert file.begin(NOON).kid == "2"
    assert KeyRing.load(path).kids("IDN") == ("2", "1")
    assert not mend(path)


def test_no_reader_sees_half_a_ring(path: Path) -> None:
    texts = [json.dumps({"IDN": secrets.token_hex(4000 * size)}) for size in (1, 3, 2)]
    overwrite_ring_file(path, texts[0])
    seen, done = set(), threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(read_ring_file(path))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(60):
        overwrite_ring_file(path, texts[number % 3])
    done.set()
    reader.join()
    assert seen <= set(texts)
