"""Which member directory is believed: threshold, chain of roots, rollback, expiry."""

import datetime as dt
import json

import pytest

from services.gateway.federation.directory import (
    DirectoryRefusedError,
    accept_directory,
    accept_roots,
    sign_document,
)
from shared.contracts.caller import Purpose
from shared.contracts.membership import Directory, MemberEntry, PublicKey, Root, Signed
from shared.crypto.keyfiles import new_signing_key, public_jwk

NOW = dt.datetime(2026, 11, 22, 6, 0, tzinfo=dt.UTC)
SOON, PAST = NOW + dt.timedelta(days=30), NOW - dt.timedelta(seconds=1)
PRIVATE = {name: new_signing_key() for name in ("a", "b", "c", "d", "m")}


def key(name: str) -> PublicKey:
    return PublicKey.model_validate(public_jwk(PRIVATE[name], name))


def root(version: int = 1, names: str = "abc", threshold: int = 2, expires: dt.datetime = SOON) -> Root:
    return Root(version=version, expires=expires, threshold=threshold, keys=[key(name) for name in names])


def directory(version: int = 1, expires: dt.datetime = SOON) -> Directory:
    entry = MemberEntry(
        member="MYS", name="Malaysia", address="https://mys.example", keys=[key("m")], asks=[Purpose.LICENCE_CHECK],
        answers=[Purpose.LICENCE_CHECK], agreement="Agreement 1", contact="Desk 1",
    )  # fmt: skip
    return Directory(version=version, expires=expires, members=[entry])


def signed(document: Root | Directory, names: str) -> Signed:
    return sign_document(document, {name: PRIVATE[name] for name in names})


def refusal(*, offered: Signed, known: int = 0, trusted: Root | None = None) -> str:
    with pytest.raises(DirectoryRefusedError) as refused:
        accept_directory(trusted or root(), offered, known, NOW)
    return refused.value.reason


def test_a_directory_with_enough_signatures_is_believed():
    assert accept_directory(root(), signed(directory(), "ab"), 0, NOW) == directory()
    assert accept_directory(root(), signed(directory(3), "bc"), 3, NOW).version == 3


@pytest.mark.parametrize("names", ["a", "ad", "d", "aa"])
def test_too_few_signatures(names):
    offered = signed(directory(), names)
    offered.signatures *= 2  # the same key twice is one signature
    assert refusal(offered=offered) == "signatures"


def test_a_changed_document_has_no_signatures():
    offered = signed(directory(), "ab")
    offered.payload = offered.payload.replace("mys.example", "evil.example")
    assert refusal(offered=offered) == "signatures"


def test_an_older_version_is_a_rollback():
    assert refusal(offered=signed(directory(4), "ab"), known=5) == "rollback"


def test_expired():
    assert refusal(offered=signed(directory(expires=PAST), "ab")) == "expired"
    assert refusal(offered=signed(directory(), "ab"), trusted=root(expires=PAST)) == "root-expired"


def test_a_root_cannot_be_offered_as_a_directory():
    assert refusal(offered=signed(root(), "ab")) == "malformed"


def test_garbage_signatures_are_none():
    offered = signed(directory(), "a")
    offered.signatures += ["", "....", "e30..AAAA", json.dumps({})]
    assert refusal(offered=offered) == "signatures"


def test_roots_are_followed_link_by_link():
    second, third = root(2, "bcd"), root(3, "cd", threshold=2)
    chain = [signed(root(1), "ab"), signed(second, "abcd"), signed(third, "bcd")]
    assert accept_roots(root(1), chain) == third
    assert accept_roots(root(1), []) == root(1)


@pytest.mark.parametrize(
    ("names", "reason"), [("cd", "signatures"), ("ab", "signatures"), ("abc", None), ("abcd", None)]
)
def test_a_new_root_needs_the_old_and_the_new_threshold(names, reason):
    new = root(2, "bcd")
    if reason is None:
        assert accept_roots(root(1), [signed(new, names)]) == new
        return
    with pytest.raises(DirectoryRefusedError) as refused:
        accept_roots(root(1), [signed(new, names)])
    assert refused.value.reason == reason


def test_no_root_is_skipped():
    with pytest.raises(DirectoryRefusedError) as refused:
        accept_roots(root(1), [signed(root(3), "abc")])
    assert refused.value.reason == "gap"


def test_an_endless_chain_ends():
    with pytest.raises(DirectoryRefusedError) as refused:
        accept_roots(root(1), [signed(root(1), "ab")] * 1000)
    assert refused.value.reason == "too-many"


def test_a_key_under_two_names_is_one_key():
    twice = key("a").model_copy(update={"kid": "z"})
    with pytest.raises(ValueError, match="twice"):
        Root(version=1, expires=SOON, threshold=2, keys=[key("a"), twice])
