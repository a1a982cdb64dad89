"""A print as it is stored and compared, and its bytes."""

import struct
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from services.biometrics.fingerprint import cylinders
from services.biometrics.fingerprint.cylinders import BIT_WORDS, DISC, MASK_WORDS, SECTIONS, Cylinders
from services.biometrics.fingerprint.leader import MAX_SIDE_PX
from services.biometrics.fingerprint.minutiae import MAX_MINUTIAE, Minutiae, print_quality

MAGIC = b"LFT1"
_HEADER = struct.Struct("<4sHHBB")  # magic with version, width, height, minutiae, cylinders
_MINUTIA = np.dtype([("x", "<f4"), ("y", "<f4"), ("direction", "<f4"), ("quality", "<f4"), ("kind", "u1")])
_DISC_WORDS = np.packbits(DISC, bitorder="little").view("<u8").astype(np.uint64)


class TemplateFormatError(ValueError):
    """These bytes are not a fingerprint template that this version wrote."""


@dataclass(frozen=True, eq=False)
class FingerTemplate:
    """One print, ready to be compared.

    Attributes:
        minutiae: n minutiae.
        owner: uint8 (m,), strictly ascending: the minutia that each cylinder stands on.
        cylinders: m cylinders, m <= n.
    """

    minutiae: Minutiae
    owner: NDArray[np.uint8]
    cylinders: Cylinders

    @classmethod
    def of(cls, minutiae: Minutiae) -> "FingerTemplate":
        """The template of a print.

        Raises:
            FingerNotUsableError: TOO_FEW_MINUTIAE.
        """
        built, owner = cylinders.build(minutiae)
        return cls(minutiae, owner, built)

    @cached_property
    def quality(self) -> int:
        """0 to 100, see `print_quality`: ours, not NFIQ 2."""
        return print_quality(self.minutiae)

    def to_bytes(self) -> bytes:
        """Compact and quick to read back: 10 bytes, then 17 a minutia, 193 a cylinder; little-endian.

        The cylinders are kept because building them takes a hundred times longer than reading them.
        """
        found = self.minutiae
        rows = np.empty(len(found), dtype=_MINUTIA)
        for name in _MINUTIA.names or ():
            rows[name] = getattr(found, name)
        words = np.concatenate([self.cylinders.bits, self.cylinders.valid], axis=1).T  # a word of all, then the next
        head = _HEADER.pack(MAGIC, found.width, found.height, len(found), len(self.owner))
        return b"".join((head, rows.tobytes(), self.owner.tobytes(), words.astype("<u8").tobytes()))

    @classmethod
    def from_bytes(cls, data: bytes) -> "FingerTemplate":
        """The template that `to_bytes` wrote.

        Raises:
            TemplateFormatError: unknown version, wrong length, or any value that no print can have.
        """
        if len(data) < _HEADER.size:
            raise TemplateFormatError("too short")
        magic, width, height, count, standing = _HEADER.unpack_from(data)
        owner_at = _HEADER.size + count * _MINUTIA.itemsize
        words_at = owner_at + standing
        if magic != MAGIC:
            raise TemplateFormatError("unknown format or version")
        if len(data) != words_at + standing * 8 * (BIT_WORDS + MASK_WORDS):
            raise TemplateFormatError("wrong length")
        minutiae = _read_minutiae(data[_HEADER.size : owner_at], width, height)
        owner = np.frombuffer(data, dtype=np.uint8, count=standing, offset=owner_at)
        words = np.frombuffer(data, dtype="<u8", offset=words_at).reshape(-1, standing).T.astype(np.uint64)
        return cls(minutiae, owner, _read_cylinders(words, minutiae, owner))


def _read_minutiae(data: bytes, width: int, height: int) -> Minutiae:
    rows = np.frombuffer(data, dtype=_MINUTIA)
    x, y, direction, quality = (rows[name].astype(np.float32) for name in ("x", "y", "direction", "quality"))
    kind = rows["kind"].copy()
    plausible = (
        0 < width <= MAX_SIDE_PX
        and 0 < height <= MAX_SIDE_PX
        and len(rows) <= MAX_MINUTIAE
        and _within(x, width)
        and _within(y, height)
        and _within(direction, 2 * np.pi)
        and bool(((quality >= 0) & (quality <= 1)).all())
        and bool((kind <= 1).all())
    )
    if not plausible:
        raise TemplateFormatError("impossible minutia")
    return Minutiae(x, y, direction, quality, kind, width, height)


def _within(values: NDArray[np.float32], end: float) -> bool:
    return bool(((values >= 0) & (values < end)).all())  # false for NaN


def _read_cylinders(words: NDArray[np.uint64], minutiae: Minutiae, owner: NDArray[np.uint8]) -> Cylinders:
    bits, valid = np.ascontiguousarray(words[:, :BIT_WORDS]), np.ascontiguousarray(words[:, BIT_WORDS:])
    if not len(owner) or int(owner[-1]) >= len(minutiae) or not (owner[1:] > owner[:-1]).all():
        raise TemplateFormatError("cylinder without its minutia")
    if (bits & ~np.tile(valid, SECTIONS)).any() or (valid & ~_DISC_WORDS).any():
        raise TemplateFormatError("bits outside the print")
    return Cylinders(bits, valid, minutiae.x[owner], minutiae.y[owner], minutiae.direction[owner])
