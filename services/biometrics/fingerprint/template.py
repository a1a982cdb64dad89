"""A print as it is stored and compared, and its bytes."""

import struct
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.biometrics.fingerprint import cylinders
from services.biometrics.fingerprint.cylinders import BIT_WORDS, DISC, MASK_WORDS, SECTIONS, Cylinders
from services.biometrics.fingerprint.leader import MAX_SIDE_PX
from services.biometrics.fingerprint.minutiae import MAX_MINUTIAE, Minutiae, print_quality

MAGIC = b"LFT1"
_HEADER = struct.Struct("<4sHHBB")  # magic with version, width, height, minutiae, cylinders
_MINUTIA = np.dtype([("x", "<f4"), ("y", "<f4"), ("direction", "<f4"), ("quality", "<f4"), ("kind", "u1")])
_PACKING = 1
"""zlib's level: 6 would save a tenth more and take twice as long."""
_DISC_WORDS = np.packbits(DISC, bitorder="little").view("<u8").astype(np.uint64)


class TemplateFormatError(ValueError):
    """These bytes are not a fingerprint template that this version wrote."""


@dataclass(frozen=True, eq=False)
class _Open:
    minutiae: Minutiae
    owner: NDArray[np.uint8]
    cylinders: Cylinders


class FingerTemplate:
    """One print, ready to be compared; or packed, a third of the size, and unpacked anew each time it is looked at."""

    __slots__ = ("_open", "_packed")

    def __init__(self, minutiae: Minutiae, owner: NDArray[np.uint8], cylinders: Cylinders) -> None:
        """A print whose parts are at hand; see the attributes of the same names."""
        self._open: _Open | None = _Open(minutiae, owner, cylinders)
        self._packed = b""

    @classmethod
    def of(cls, minutiae: Minutiae) -> "FingerTemplate":
        """The template of a print.

        Raises:
            FingerNotUsableError: TOO_FEW_MINUTIAE.
        """
        built, owner = cylinders.build(minutiae)
        return cls(minutiae, owner, built)

    @property
    def minutiae(self) -> Minutiae:
        """N minutiae."""
        return self._opened().minutiae

    @property
    def owner(self) -> NDArray[np.uint8]:
        """uint8 (m,), strictly ascending: the minutia that each cylinder stands on."""
        return self._opened().owner

    @property
    def cylinders(self) -> Cylinders:
        """M cylinders, m <= n."""
        return self._opened().cylinders

    @property
    def quality(self) -> int:
        """0 to 100, see `print_quality`: ours, not NFIQ 2."""
        return print_quality(self.minutiae)

    def pack(self) -> None:
        """Take a third of the memory from now on, and 0.1 ms more at each look. May be called while others look."""
        if self._open is not None:
            self._packed = zlib.compress(self.to_bytes(), _PACKING)
            self._open = None

    @property
    def octets(self) -> int:
        """What it holds in memory, without Python's own: packed, or as arrays."""
        return len(self._packed) if self._open is None else len(self.to_bytes())

    def _opened(self) -> _Open:
        opened = self._open
        return _parse(zlib.decompress(self._packed)) if opened is None else opened  # packed here: it was checked

    def to_bytes(self) -> bytes:
        """Compact and quick to read back: 10 bytes, then 17 a minutia, 193 a cylinder; little-endian.

        The cylinders are kept because building them takes a hundred times longer than reading them.
        """
        opened = self._opened()
        found = opened.minutiae
        rows = np.empty(len(found), dtype=_MINUTIA)
        for name in _MINUTIA.names or ():
            rows[name] = getattr(found, name)
        built = opened.cylinders
        words = np.concatenate([built.bits, built.valid], axis=1).T  # a word of all, then the next
        head = _HEADER.pack(MAGIC, found.width, found.height, len(found), len(opened.owner))
        return b"".join((head, rows.tobytes(), opened.owner.tobytes(), words.astype("<u8").tobytes()))

    @classmethod
    def from_bytes(cls, data: bytes) -> "FingerTemplate":
        """The template that `to_bytes` wrote.

        Raises:
            TemplateFormatError: unknown version, wrong length, or any value that no print can have.
        """
        opened = _parse(data)
        _check(opened)
        return cls(opened.minutiae, opened.owner, opened.cylinders)


def _parse(data: bytes) -> _Open:
    """Parts of the right length; whether their values can be true is for `_check` to say."""
    if len(data) < _HEADER.size:
        raise TemplateFormatError("too short")
    magic, width, height, count, standing = _HEADER.unpack_from(data)
    owner_at = _HEADER.size + count * _MINUTIA.itemsize
    words_at = owner_at + standing
    if magic != MAGIC:
        raise TemplateFormatError("unknown format or version")
    if len(data) != words_at + standing * 8 * (BIT_WORDS + MASK_WORDS):
        raise TemplateFormatError("wrong length")
    rows = np.frombuffer(data, dtype=_MINUTIA, count=count, offset=_HEADER.size)
    x, y, direction, quality = (rows[name].astype(np.float32) for name in ("x", "y", "direction", "quality"))
    minutiae = Minutiae(x, y, direction, quality, rows["kind"].copy(), width, height)
    owner = np.frombuffer(data, dtype=np.uint8, count=standing, offset=owner_at)
    if standing and int(owner.max()) >= count:
        raise TemplateFormatError("cylinder without its minutia")
    words = np.frombuffer(data, dtype="<u8", offset=words_at).reshape(-1, standing).T.astype(np.uint64)
    bits, valid = np.ascontiguousarray(words[:, :BIT_WORDS]), np.ascontiguousarray(words[:, BIT_WORDS:])
    places = minutiae.x[owner], minutiae.y[owner], minutiae.direction[owner]
    return _Open(minutiae, owner, Cylinders(bits, valid, *places))


def _check(opened: _Open) -> None:
    _check_minutiae(opened.minutiae)
    owner, bits, valid = opened.owner, opened.cylinders.bits, opened.cylinders.valid
    if not len(owner) or not (owner[1:] > owner[:-1]).all():
        raise TemplateFormatError("cylinder without its minutia")
    if (bits & ~np.tile(valid, SECTIONS)).any() or (valid & ~_DISC_WORDS).any():
        raise TemplateFormatError("bits outside the print")


def _check_minutiae(found: Minutiae) -> None:
    plausible = (
        0 < found.width <= MAX_SIDE_PX
        and 0 < found.height <= MAX_SIDE_PX
        and len(found) <= MAX_MINUTIAE
        and _within(found.x, found.width)
        and _within(found.y, found.height)
        and _within(found.direction, 2 * np.pi)
        and bool(((found.quality >= 0) & (found.quality <= 1)).all())
        and bool((found.kind <= 1).all())
    )
    if not plausible:
        raise TemplateFormatError("impossible minutia")


def _within(values: NDArray[np.float32], end: float) -> bool:
    return bool(((values >= 0) & (values < end)).all())  # false for NaN
