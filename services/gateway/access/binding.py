"""Tokens that are of use to their client only: bound to a key (DPoP, RFC 9449) or to a certificate (RFC 8705).

Nonces are this process's own, and a proof is remembered for as long as its nonce is taken: after a restart, no proof
of before is good. The nonce says when a proof was made, not the client's clock.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fastapi import Request

from services.gateway.access.proxies import certificate_thumbprint

ALGORITHMS: Final = ("ES256", "PS256")
"""What clients sign with (FAPI 2.0 Security Profile, section 5.4.1)."""
NONCE_LIFETIME_S: Final = 300
_TYPE: Final = "dpop+jwt"
_SMALLEST_RSA_BITS: Final = 2048
_LONGEST_PROOF: Final = 4096
_PARTS: Final = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}


class ProofRefusedError(Exception):
    """A proof of possession does not hold; `code` is the error of RFC 9449, section 12.2."""

    def __init__(self, text: str, code: str = "invalid_dpop_proof") -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Presented:
    """What a request brings to prove itself, beside the form of the token endpoint.

    Attributes:
        url: as the client sees it, without a query.
        scheme, token: of the field Authorization; empty when there is none.
        certificate: `x5t#S256` of the client's certificate, from a proxy of ours.
    """

    method: str
    url: str
    scheme: str
    token: str
    proofs: tuple[str, ...]
    certificate: str | None


@dataclass(frozen=True)
class Proof:
    """A proof that holds: of which key, and what tells it from every other."""

    thumbprint: str
    period: int
    mark: bytes


def presented(request: Request, public_url: str) -> Presented:
    """What a request brings."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return Presented(
        request.method,
        public_url.rstrip("/") + str(request.scope["path"]),
        scheme.casefold(),
        token.strip(),
        tuple(request.headers.getlist("dpop")),
        certificate_thumbprint(request),
    )


class DpopVerifier:
    """Reads proofs (RFC 9449, section 4.3), each once."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._used: dict[int, set[bytes]] = {}

    def nonce(self) -> str:
        """What a proof must say from now on; good for five to ten minutes."""
        return self._nonce(self._period())

    def check(self, given: Presented) -> Proof:
        """The one proof of a request.

        Raises:
            ProofRefusedError: there is none, or it is not for this request, this token and this nonce.
        """
        if len(given.proofs) != 1 or len(given.proofs[0]) > _LONGEST_PROOF:
            raise ProofRefusedError("send one DPoP proof")
        try:
            header = jwt.get_unverified_header(given.proofs[0])
            key = _public_key(header)
            claims = jwt.decode(
                given.proofs[0],
                key,
                algorithms=[header["alg"]],
                options={"require": ["jti", "iat", "htm", "htu"], "verify_iat": False, "verify_aud": False},
            )
        except (jwt.PyJWTError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise ProofRefusedError("the DPoP proof is not signed as RFC 9449 asks for") from error
        self._hold_against(claims, given)
        thumbprint = thumbprint_of(header["jwk"])
        mark = hashlib.sha256(f"{thumbprint} {claims['jti']}".encode()).digest()[:16]
        return Proof(thumbprint, self._period_of(claims.get("nonce")), mark)

    def spend(self, proof: Proof) -> None:
        """Take a proof, once everything else holds.

        Raises:
            ProofRefusedError: it was taken before.
        """
        for period in [period for period in self._used if period < self._period() - 1]:
            del self._used[period]
        used = self._used.setdefault(proof.period, set())
        if proof.mark in used:
            raise ProofRefusedError("this DPoP proof was used before")
        used.add(proof.mark)

    def _hold_against(self, claims: dict[str, Any], given: Presented) -> None:
        if claims["htm"] != given.method or not _same_address(claims["htu"], given.url):
            raise ProofRefusedError("the DPoP proof is for another request")
        if not isinstance(claims["jti"], str) or not 1 <= len(claims["jti"]) <= 256:
            raise ProofRefusedError("the DPoP proof has no id")
        if given.token and claims.get("ath") != token_digest(given.token):
            raise ProofRefusedError("the DPoP proof is for another token")

    def _period_of(self, nonce: object) -> int:
        for period in (self._period(), self._period() - 1):
            if isinstance(nonce, str) and hmac.compare_digest(nonce.encode(), self._nonce(period).encode()):
                return period
        raise ProofRefusedError("send the proof again with the nonce of the field DPoP-Nonce", "use_dpop_nonce")

    def _nonce(self, period: int) -> str:
        return base64.urlsafe_b64encode(hmac.digest(self._key, str(period).encode(), "sha256")[:16]).decode().strip("=")

    @staticmethod
    def _period() -> int:
        return int(time.monotonic()) // NONCE_LIFETIME_S


def write_proof(private_pem: bytes, method: str, url: str, nonce: str | None = None, token: str | None = None) -> str:
    """What a client sends with one request, in the field `DPoP`: signed with its ES256 key."""
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(_private(private_pem).public_key()))
    claims: dict[str, Any] = {"jti": secrets.token_hex(16), "htm": method, "htu": url, "iat": int(time.time())}
    claims |= {"nonce": nonce} if nonce else {}
    claims |= {"ath": token_digest(token)} if token else {}
    return jwt.encode(claims, private_pem, "ES256", headers={"typ": _TYPE, "jwk": public})


def token_digest(token: str) -> str:
    """`ath`: SHA-256 of an access token, base64url (RFC 9449, section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).decode().rstrip("=")


def strong_enough(key: object) -> bool:
    """Whether a public key is one that clients may sign with: P-256, or RSA from 2048 bits."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        return isinstance(key.curve, ec.SECP256R1)
    return isinstance(key, rsa.RSAPublicKey) and key.key_size >= _SMALLEST_RSA_BITS


def _private(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256).prepare_key(pem)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("proofs are signed with an elliptic-curve key")
    return key


def _public_key(header: dict[str, Any]) -> jwt.PyJWK:
    document = header["jwk"]
    if header.get("typ") != _TYPE or header["alg"] not in ALGORITHMS or "d" in document:
        raise ValueError("no proof, or with a key that should be nobody else's")
    key = jwt.PyJWK(document, algorithm=header["alg"])
    if not strong_enough(key.key):
        raise ValueError("the key is too weak")
    return key


def thumbprint_of(document: dict[str, Any]) -> str:
    """RFC 7638, SHA-256."""
    parts = {name: document[name] for name in _PARTS[document["kty"]]}
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def _same_address(told: object, own: str) -> bool:
    """Whether `htu` is the address that was asked, without query and fragment, however it is written."""
    try:
        theirs, ours = urlsplit(str(told)), urlsplit(own)
    except ValueError:
        return False
    same_host = (theirs.scheme.lower(), theirs.netloc.lower()) == (ours.scheme.lower(), ours.netloc.lower())
    return same_host and unquote(theirs.path) == own.removeprefix(f"{ours.scheme}://{ours.netloc}")
