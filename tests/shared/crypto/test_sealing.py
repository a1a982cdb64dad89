"""Encryption at rest: opens for its owner under its key, and for nobody else."""

import secrets
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.crypto.keyfiles import MEMBERS, make_key_files
from shared.crypto.sealing import KeyRing, MemberKey, MemberKeyMissingError, SealingError

OLD, NEW = MemberKey("1", secrets.token_bytes(32)), MemberKey("2", secrets.token_bytes(32))
RING = KeyRing({"IDN": (OLD,), "MYS": (NEW,)})
KEY = RING.subject("IDN", RING.new_subject_key("IDN"))


@given(st.binary(max_size=500), st.text(max_size=40))
def test_what_was_sealed_opens_for_its_owner(content: bytes, owner: str) -> None:
    assert KEY.open(KEY.seal(content, owner), owner) == content


@given(st.binary(min_size=1, max_size=100), st.data())
def test_an_altered_value_does_not_open(content: bytes, data: st.DataObject) -> None:
    sealed = bytearray(KEY.seal(content, "a/1"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealingError):
        KEY.open(bytes(sealed), "a/1")


@given(st.binary(max_size=60))
def test_what_was_never_sealed_does_not_open(content: bytes) -> None:
    with pytest.raises(SealingError):
        KEY.open(content, "a/1")


def test_a_value_copied_to_another_owner_or_subject_does_not_open() -> None:
    sealed = KEY.seal(b"face", "a/1")
    with pytest.raises(SealingError):
        KEY.open(sealed, "a/2")
    with pytest.raises(SealingError):
        RING.subject("IDN", RING.new_subject_key("IDN")).open(sealed, "a/1")


def test_a_subjects_key_opens_under_its_own_member_only() -> None:
    same_kid = KeyRing({"IDN": (OLD,), "MYS": (MemberKey("1", NEW.secret),), "THA": (OLD,)})
    wrapped = same_kid.new_subject_key("IDN")
    for other in ("MYS", "THA"):  # THA holds even the same secret: the member is bound in
        with pytest.raises(SealingError):
            same_kid.subject(other, wrapped)
    with pytest.raises(MemberKeyMissingError):
        same_kid.subject("PHL", wrapped)
    with pytest.raises(MemberKeyMissingError):
        same_kid.new_subject_key("PHL")


def test_after_a_new_member_key_old_values_still_open_and_new_ones_use_it() -> None:
    wrapped = RING.new_subject_key("IDN")
    sealed = RING.subject("IDN", wrapped).seal(b"print", "a/1")
    rotated = KeyRing({"IDN": (NEW, OLD)})
    assert rotated.subject("IDN", wrapped).open(sealed, "a/1") == b"print"
    with pytest.raises(MemberKeyMissingError):
        RING.subject("IDN", rotated.new_subject_key("IDN"))


def test_key_files_are_random_private_and_never_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    assert make_key_files(folder) != []
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert make_key_files(folder) == []
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    ring = KeyRing.load(folder / "registry-sealing.json")
    for member in MEMBERS:
        ring.subject(member, ring.new_subject_key(member))
    assert before["registry-sealing.json"] != before["biometrics-sealing.json"]


def test_a_ring_with_a_short_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ring.json"
    path.write_text('{"IDN": [{"kid": "1", "key": "AAAA"}]}')
    with pytest.raises(ValueError, match="32 bytes"):
        KeyRing.load(path)
