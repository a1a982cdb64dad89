"""What the editions have in common: minutiae of five or six octets, extended data, and the limits of the values."""

from dataclasses import dataclass

from shared.standards.iso19794_2.record import Extension, FingerView, Minutia, MinutiaeRecordError, MinutiaKind
from shared.standards.octets import Octets

MAGIC = b"FMR\x00"
MAX_COUNT = 255
MAX_VIEWS = 176
"""Sixteen views of each of eleven positions, the most that ISO/IEC 19794-2 can number."""
MAX_SIDE = (1 << 14) - 1
MIN_RESOLUTION = 98
"""250 dpi in whole pixels per centimetre; clause 7 of all editions asks for 99 at least, 98.4 is rounded both ways."""
UNREPORTED = 254
FAILED = 255
_SINGLE_FINGERS = range(11)
_SEVERAL_FINGERS = frozenset({13, 14, 15, *range(40, 51)})
_IMPRESSIONS = range(30)


@dataclass(frozen=True)
class Rules:
    """How an edition writes a minutia.

    Attributes:
        angle_units: in a full turn: 256 of 1.40625 degrees (ISO/IEC), 180 of 2 degrees (ANSI INCITS).
        zero_is_unreported: a quality of 0 says nothing (2004, 2005); else 254 and 255 do (2011).
    """

    angle_units: int
    zero_is_unreported: bool

    def read_minutia(self, octets: Octets, *, with_quality: bool) -> Minutia:
        """Type and x in two octets, y in two, angle, quality."""
        kind_and_x = octets.number(2, "minutiae")
        y = octets.number(2, "minutiae")
        angle = octets.number(1, "minutiae")
        require(kind_and_x >> 14 != 3, "a minutia type is reserved")
        require(angle < self.angle_units, "an angle is more than a turn")
        quality = self.read_quality(octets.number(1, "minutiae")) if with_quality else None
        kind = MinutiaKind(kind_and_x >> 14)
        return Minutia(kind_and_x & MAX_SIDE, y, angle * 360 / self.angle_units, kind, quality)

    def write_minutia(self, minutia: Minutia, *, with_quality: bool) -> bytes:
        """As `read_minutia` reads it."""
        angle = round(minutia.angle_deg * self.angle_units / 360) % self.angle_units
        kind_and_x = minutia.kind << 14 | minutia.x
        quality = bytes([self.write_quality(minutia.quality)]) if with_quality else b""
        return kind_and_x.to_bytes(2, "big") + minutia.y.to_bytes(2, "big") + bytes([angle]) + quality

    def read_quality(self, value: int) -> int | None:
        """Of a minutia."""
        if value == 0 and self.zero_is_unreported:
            return None
        if value >= UNREPORTED and not self.zero_is_unreported:
            return None
        require(value <= 100, "a quality is over 100")
        return value

    def write_quality(self, quality: int | None) -> int:
        """Of a minutia."""
        if self.zero_is_unreported:
            return 0 if quality is None else max(quality, 1)
        return UNREPORTED if quality is None else quality


def require(holds: bool, otherwise: str) -> None:
    """Refuse what no record can say.

    Raises:
        MinutiaeRecordError: it does not hold.
    """
    if not holds:
        raise MinutiaeRecordError(otherwise)


def check_view(view: FingerView) -> FingerView:
    """The view, if all its values are of the standards' ranges; for reading and for writing.

    Raises:
        MinutiaeRecordError: they are not.
    """
    require(0 < view.width <= MAX_SIDE and 0 < view.height <= MAX_SIDE, "an image side is not in 1..16383")
    require(view.position in _SINGLE_FINGERS or view.position in _SEVERAL_FINGERS, "no such finger position")
    require(0 <= view.number <= 15, "a view number is not in 0..15")
    require(view.impression in _IMPRESSIONS, "no such impression type")
    require(view.quality is None or 0 <= view.quality <= 100, "a quality is not in 0..100")
    for resolution in (view.resolution_x, view.resolution_y):
        require(MIN_RESOLUTION <= resolution < 1 << 16, "a resolution is under 250 dpi or over two octets")
    require(len(view.minutiae) <= MAX_COUNT, "more than 255 minutiae")
    for minutia in view.minutiae:
        require(0 <= minutia.x < view.width and 0 <= minutia.y < view.height, "a minutia lies off the image")
        require(0 <= minutia.angle_deg < 360, "an angle is more than a turn")
        require(minutia.quality is None or 0 <= minutia.quality <= 100, "a quality is not in 0..100")
    return view


def check_count(count: int) -> int:
    """The number of views, if a record can hold so many.

    Raises:
        MinutiaeRecordError: none, or too many.
    """
    require(1 <= count <= MAX_VIEWS, f"the number of views is not in 1..{MAX_VIEWS}")
    return count


def read_minutiae(octets: Octets, count: int, rules: Rules, *, with_quality: bool = True) -> tuple[Minutia, ...]:
    """So many minutiae."""
    return tuple(rules.read_minutia(octets, with_quality=with_quality) for _ in range(count))


def write_minutiae(minutiae: tuple[Minutia, ...], rules: Rules, *, with_quality: bool = True) -> bytes:
    """All of them, one after the other."""
    return b"".join(rules.write_minutia(minutia, with_quality=with_quality) for minutia in minutiae)


def read_extensions(octets: Octets) -> tuple[Extension, ...]:
    """The extended data: length of all in two octets; then blocks of type, own length with header, and data."""
    blocks = octets.part(octets.number(2, "extended data"), "extended data")
    extensions = []
    while blocks.left:
        kind, length = blocks.number(2, "extended data"), blocks.number(2, "extended data")
        require(length >= 4, "an extended data block is shorter than its header")
        extensions.append(Extension(kind, blocks.take(length - 4, "extended data")))
    return tuple(extensions)


def write_extensions(extensions: tuple[Extension, ...]) -> bytes:
    """As `read_extensions` reads it."""
    for each in extensions:
        require(0 <= each.kind < 1 << 16 and len(each.data) + 4 < 1 << 16, "an extended data block is too long")
    blocks = b"".join(
        each.kind.to_bytes(2, "big") + (len(each.data) + 4).to_bytes(2, "big") + each.data for each in extensions
    )
    require(len(blocks) < 1 << 16, "the extended data are too long")
    return len(blocks).to_bytes(2, "big") + blocks
