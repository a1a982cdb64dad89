"""Visible digital seals of an invented state, made here."""

import datetime as dt

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.vectors.passports import Authority

_BASIC = {" ": 3, **{str(digit): 4 + digit for digit in range(10)}, **{chr(65 + n): 14 + n for n in range(26)}}


def c40(text: str) -> bytes:
    padded = text.ljust(-(-len(text) // 3) * 3)
    octets = b""
    for start in range(0, len(padded), 3):
        one, two, three = (_BASIC[character] for character in padded[start : start + 3])
        octets += (1600 * one + 40 * two + three + 1).to_bytes(2, "big")
    return octets


def day(value: dt.date) -> bytes:
    return int(f"{value.month:02}{value.day:02}{value.year:04}").to_bytes(3, "big")


def seal(by: Authority, features: dict[int, bytes], version: int = 4, certificate: str = "00001") -> bytes:
    reference = c40("UTTS" + certificate) if version == 3 else c40(f"UTTS{len(certificate):02X}") + c40(certificate)
    octets = bytes([0xDC, version - 1]) + c40("UTO") + reference
    octets += day(dt.date(2026, 2, 28)) + day(dt.date(2026, 3, 1)) + bytes([0x5E, 0x03])
    for tag, content in features.items():
        octets += bytes([tag]) + length(content) + content
    assert isinstance(by.key, ec.EllipticCurvePrivateKey)
    r, s = decode_dss_signature(by.key.sign(octets, ec.ECDSA(hashes.SHA256())))
    return octets + b"\xff\x40" + r.to_bytes(32, "big") + s.to_bytes(32, "big")


def length(content: bytes) -> bytes:
    return bytes([len(content)]) if len(content) < 0x80 else b"\x81" + bytes([len(content)])
