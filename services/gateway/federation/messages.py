"""Signed messages between members: HTTP Message Signatures (RFC 9421) over a digest of the content (RFC 9530).

A request's signature covers method, target, content digest, purpose, case reference and user; the response's covers its
status and digest and, by `;req`, the request's signature, target and digest: this answer met that question.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, InvalidSignature, algorithms
from http_message_signatures.exceptions import HTTPMessageSignaturesException
from http_message_signatures.resolvers import MappingKeyResolver

PURPOSE: Final = "lindung-purpose"
CASE: Final = "lindung-case"
USER: Final = "lindung-user"
VERSION: Final = "lindung-federation"
MOST_SKEW_S: Final = 60.0
TAG: Final = "lindung-federation"
_REQUEST: Final = ("@method", "@target-uri", "content-digest", PURPOSE, CASE, USER, VERSION)
_RESPONSE: Final = (
    "@status", "content-digest", '"@method";req', '"@target-uri";req', '"content-digest";req',
    '"signature";req', VERSION,
)  # fmt: skip
_ALGORITHM: Final = algorithms.ECDSA_P256_SHA256


class MessageRefusedError(Exception):
    """A message is not believed; `reason` says in a word why. Repeats nothing of the message."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class _Verifier(HTTPMessageVerifier):
    max_clock_skew = timedelta(days=1)  # a wrong clock is told apart from a wrong signature, below


@dataclass
class Question:
    """A request as it travels. `headers` have lower-case names."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Reply:
    """A response as it travels, with the request that it answers."""

    status_code: int
    headers: dict[str, str]
    body: bytes
    request: Question


@dataclass(frozen=True)
class Proven:
    """What a signature proved.

    Attributes:
        key_id: `MEMBER/kid`.
        created: seconds since 1970.
        nonce: of the request; never seen before is the caller's to check.
    """

    key_id: str
    created: int
    nonce: str
    covered: Mapping[str, str] = field(default_factory=dict)


class MessageSigner:
    """Signs with one member's key.

    Args:
        key_id: `MEMBER/kid`, as the directory has it.
        private_pem: ES256.
    """

    def __init__(self, key_id: str, private_pem: bytes) -> None:
        self._key_id = key_id
        self._signer = HTTPMessageSigner(
            signature_algorithm=_ALGORITHM,
            key_resolver=MappingKeyResolver(public_keys={}, private_keys={key_id: private_pem}),
        )

    def sign_question(self, question: Question, at: datetime) -> None:
        """Put digest and signature into a request's headers, with a fresh nonce."""
        for name in (PURPOSE, CASE, USER, VERSION):
            question.headers.setdefault(name, "")
        self._sign(question, _REQUEST, at, secrets.token_urlsafe(18))

    def sign_reply(self, reply: Reply, at: datetime) -> None:
        """Put digest and signature into a response's headers, bound to its request."""
        reply.headers.setdefault(VERSION, "")
        self._sign(reply, _RESPONSE, at, None)

    def _sign(self, message: Question | Reply, covered: tuple[str, ...], at: datetime, nonce: str | None) -> None:
        self._signer.sign(
            message,
            key_id=self._key_id,
            created=at,
            nonce=nonce,
            label="lindung",
            tag=TAG,
            covered_component_ids=covered,
            body=message.body,
        )


def verify_question(question: Question, keys: Mapping[str, Any], now: datetime) -> Proven:
    """Who asked, proven.

    Args:
        question: as received, headers with lower-case names.
        keys: public keys (cryptography's) by key id, of members that may ask.
        now: this instant.

    Raises:
        MessageRefusedError: unknown key, wrong signature, altered content, not fresh, or too little covered.
    """
    proven = _verify(question, _REQUEST, keys, now)
    if not proven.nonce:
        raise MessageRefusedError("nonce", "a request carries a nonce")
    return proven


def verify_reply(reply: Reply, keys: Mapping[str, Any], now: datetime) -> Proven:
    """That this answer met that question, by one of these keys.

    Raises:
        MessageRefusedError: as for a request.
    """
    return _verify(reply, _RESPONSE, keys, now)


def _verify(message: Question | Reply, covered: tuple[str, ...], keys: Mapping[str, Any], now: datetime) -> Proven:
    verifier = _Verifier(
        signature_algorithm=_ALGORITHM, key_resolver=MappingKeyResolver(public_keys=keys, private_keys={})
    )
    try:
        results = verifier.verify(
            message, max_age=None, body=message.body, expect_tag=TAG, expect_label="lindung",
            require_components=covered,
        )  # fmt: skip
    except InvalidSignature as error:
        raise MessageRefusedError("signature", "the message's signature does not hold") from error
    except (HTTPMessageSignaturesException, ValueError, KeyError, TypeError) as error:
        raise MessageRefusedError("unsigned", "the message is not signed as the protocol asks") from error
    result = results[0]
    created = int(result.parameters.get("created", 0))
    if abs(now.timestamp() - created) > MOST_SKEW_S:
        raise MessageRefusedError("clock", "the message is not of this minute; compare the clocks")
    return Proven(str(result.parameters["keyid"]), created, result.nonce or "", result.covered_components)
