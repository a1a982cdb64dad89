"""What a finger minutiae record says, whatever edition it is written in."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class MinutiaeRecordError(ValueError):
    """Bytes that are no finger minutiae record of the stated edition, or minutiae that it cannot hold.

    The message says what is wrong, never what the record holds.
    """


class RecordFormat(StrEnum):
    """The editions that are read and written, by the names that OSIA gives them (`templateFormat`)."""

    ISO_19794_2 = "ISO_19794_2"
    ISO_19794_2_2011 = "ISO_19794_2_2011"
    ANSI_378 = "ANSI_378"


class MinutiaKind(IntEnum):
    """What a ridge does at a minutia; the values are the standards' two-bit codes."""

    OTHER = 0
    ENDING = 1
    BIFURCATION = 2


@dataclass(frozen=True)
class Minutia:
    """One minutia.

    Attributes:
        x: pixels from the left edge of the image.
        y: pixels from its top edge, growing downwards.
        angle_deg: [0, 360), counter-clockwise from the x axis as seen on the image. An ending's points up its ridge,
            a bifurcation's up the valley between its two ridges. Rounded to the edition's unit when written.
        kind: what the ridge does.
        quality: 0..100, None when not reported. The editions of 2004 and 2005 cannot tell 0 from not reported; they
            write 0 as 1.
    """

    x: int
    y: int
    angle_deg: float
    kind: MinutiaKind = MinutiaKind.OTHER
    quality: int | None = None


@dataclass(frozen=True)
class Extension:
    """A block of extended data, such as ridge counts, cores and deltas: kept, not interpreted.

    Attributes:
        kind: the block's type code, two octets.
        data: without the block's own header.
    """

    kind: int
    data: bytes


@dataclass(frozen=True)
class FingerView:
    """The minutiae of one print.

    Attributes:
        width: of the image, pixels, 1..16383.
        height: of the image, pixels, 1..16383.
        minutiae: at most 255.
        position: finger position code, 0 unknown, 1 right thumb .. 5 right little, 6 left thumb .. 10 left little.
        number: of the view among those of the same position, from 0, at most 15.
        impression: impression type code, 0 live-scan plain.
        quality: of the print, 0..100, None when not reported (written as 0 where the edition has no code for it).
        resolution_x: pixels per centimetre; 197 is 500 dpi.
        resolution_y: pixels per centimetre.
        captured: when, in UTC; the edition of 2011 only.
        extensions: extended data.
    """

    width: int
    height: int
    minutiae: tuple[Minutia, ...]
    position: int = 0
    number: int = 0
    impression: int = 0
    quality: int | None = None
    resolution_x: int = 197
    resolution_y: int = 197
    captured: datetime | None = None
    extensions: tuple[Extension, ...] = ()


@dataclass(frozen=True)
class MinutiaeRecord:
    """One or more prints, of one or more fingers of a person.

    Which device captured them is read over, and written as unreported.
    """

    views: tuple[FingerView, ...]
