"""Signed messages between members: what was asked, by whom, and that this answer met that question."""

import copy
import datetime as dt
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.gateway.federation.messages import (
    MessageRefusedError,
    MessageSigner,
    Question,
    Reply,
    verify_question,
    verify_reply,
)

NOW = dt.datetime(2026, 11, 22, 6, 0, tzinfo=dt.UTC)
KEYS = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("IDN/1", "MYS/1")}
PUBLIC = {name: key.public_key() for name, key in KEYS.items()}


def signer(name: str) -> MessageSigner:
    pem = KEYS[name].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return MessageSigner(name, pem)


def asked(body: bytes = b'{"queries": {}}', **headers: str) -> Question:
    question = Question(
        "POST",
        "https://mys.example/federation/v1/match?limit=5",
        {
            "content-type": "application/json",
            "lindung-purpose": "licence_check",
            "lindung-user": "officer-7",
            **headers,
        },
        body,
    )
    signer("IDN/1").sign_question(question, NOW)
    question.headers = {name.lower(): value for name, value in question.headers.items()}
    return question


def answered(question: Question, body: bytes = b'{"results": []}', by: str = "MYS/1") -> Reply:
    reply = Reply(200, {"content-type": "application/json"}, body, question)
    signer(by).sign_reply(reply, NOW)
    reply.headers = {name.lower(): value for name, value in reply.headers.items()}
    return reply


@pytest.mark.parametrize("body", [b"", b"{}", b"x" * 100_000])
def test_what_is_signed_verifies(body):
    question = asked(body)
    proven = verify_question(question, PUBLIC, NOW)
    assert (proven.key_id, proven.created) == ("IDN/1", int(NOW.timestamp()))
    assert verify_reply(answered(question, body), PUBLIC, NOW).key_id == "MYS/1"


def test_each_request_has_its_own_nonce():
    nonces = {verify_question(asked(), PUBLIC, NOW).nonce for _ in range(50)}
    assert len(nonces) == 50
    assert all(len(nonce) >= 20 for nonce in nonces)


def _header(name: str, value: str) -> Callable[[Question], None]:
    def change(question: Question) -> None:
        question.headers[name] = value

    return change


def _drop(name: str) -> Callable[[Question], None]:
    def change(question: Question) -> None:
        del question.headers[name]

    return change


CHANGES = {
    "method": lambda question: setattr(question, "method", "PUT"),
    "host": lambda question: setattr(question, "url", question.url.replace("mys", "sgp")),
    "path": lambda question: setattr(question, "url", question.url.replace("match", "search")),
    "query": lambda question: setattr(question, "url", question.url.replace("5", "6")),
    "body": lambda question: setattr(question, "body", question.body + b" "),
    "digest of nothing": _header("content-digest", "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"),
    "no digest": _drop("content-digest"),
    "purpose": _header("lindung-purpose", "criminal_investigation"),
    "case": _header("lindung-case", "KES 1/2026"),
    "user": _header("lindung-user", "officer-8"),
    "version": _header("lindung-federation", "9"),
    "no purpose": _drop("lindung-purpose"),
    "no signature": _drop("signature"),
    "no signature input": _drop("signature-input"),
    "garbage": _header("signature", "lindung=:AAAA:"),
    "not structured": _header("signature-input", ")))"),
}


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_a_changed_request_is_refused(change):
    question = asked()
    CHANGES[change](question)
    with pytest.raises(MessageRefusedError) as refused:
        verify_question(question, PUBLIC, NOW)
    assert refused.value.reason in {"signature", "unsigned"}


def test_what_is_not_covered_is_not_believed():
    """A signature over less than the protocol asks for holds by itself, and is refused."""
    question = asked()
    covered = question.headers["signature-input"]
    question.headers["signature-input"] = covered.replace('"lindung-purpose" ', "")
    with pytest.raises(MessageRefusedError):
        verify_question(question, PUBLIC, NOW)


@pytest.mark.parametrize("seconds", [-3600, -61, 61, 3600])
def test_a_message_of_another_minute_is_refused_with_the_reason(seconds):
    with pytest.raises(MessageRefusedError) as refused:
        verify_question(asked(), PUBLIC, NOW + dt.timedelta(seconds=seconds))
    assert refused.value.reason == "clock"


def test_a_key_that_is_not_in_the_directory_is_refused():
    with pytest.raises(MessageRefusedError):
        verify_question(asked(), {"MYS/1": PUBLIC["MYS/1"]}, NOW)


def test_a_member_cannot_sign_in_anothers_name():
    forged = Question("GET", "https://mys.example/federation/v1/head", {}, b"")
    MessageSigner("IDN/1", _pem("MYS/1")).sign_question(forged, NOW)
    with pytest.raises(MessageRefusedError):
        verify_question(forged, PUBLIC, NOW)


def _pem(name: str) -> bytes:
    return KEYS[name].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def test_an_answer_to_another_question_is_refused():
    first, second = asked(), asked()
    reply = answered(first)
    assert verify_reply(reply, PUBLIC, NOW)
    swapped = copy.copy(reply)
    swapped.request = second
    with pytest.raises(MessageRefusedError):
        verify_reply(swapped, PUBLIC, NOW)


def test_a_changed_answer_is_refused():
    question = asked()
    for change in ("status", "body"):
        reply = answered(question)
        if change == "status":
            reply.status_code = 404
        else:
            reply.body = b'{"results": [1]}'
        with pytest.raises(MessageRefusedError):
            verify_reply(reply, PUBLIC, NOW)
