"""The first editions: ISO/IEC 19794-2:2005 and ANSI INCITS 378-2004, alike but for their headers and angles.

Source: ISO/IEC 19794-2:2005, clause 7 (record format) and ANSI INCITS 378-2004, clause 6. Written from memory of the
tables and checked, field by field, against a public implementation (FingerprintIO), and the headers' lengths against
another (NIST's BIOMDI).
"""

import struct

from shared.standards.iso19794_2.parts import (
    MAGIC,
    Rules,
    check_count,
    check_view,
    read_extensions,
    read_minutiae,
    require,
    write_extensions,
    write_minutiae,
)
from shared.standards.iso19794_2.record import FingerView, MinutiaeRecord, MinutiaeRecordError
from shared.standards.octets import Octets

_VERSION = b" 20\x00"
_ISO = Rules(angle_units=256, zero_is_unreported=True)
_ANSI = Rules(angle_units=180, zero_is_unreported=True)
_IMAGE = struct.Struct(">HHHH")  # width, height, pixels per cm across and down
_VENDOR_UNKNOWN = b"\x01\x03\x00\x00"
"""CBEFF product identifier: owner 0x0103 of IBIA's register stands for an unknown vendor; zero is not allowed."""


def read_iso(data: bytes) -> MinutiaeRecord:
    """A record of ISO/IEC 19794-2:2005 (the record format, not the card formats)."""
    octets = Octets(data, MinutiaeRecordError)
    octets.expect(MAGIC + _VERSION, "format or version")
    require(octets.number(4, "header") == len(data), "the stated length is another")
    octets.take(2, "header")  # certification and device type
    return _read_rest(octets, _ISO)


def write_iso(record: MinutiaeRecord) -> bytes:
    """A record of ISO/IEC 19794-2:2005."""
    rest = b"\x00\x00" + _rest(record, _ISO)
    return MAGIC + _VERSION + (12 + len(rest)).to_bytes(4, "big") + rest


def read_ansi(data: bytes) -> MinutiaeRecord:
    """A record of ANSI INCITS 378-2004."""
    octets = Octets(data, MinutiaeRecordError)
    octets.expect(MAGIC + _VERSION, "format or version")
    length = octets.number(2, "header") or octets.number(4, "header")  # two octets, or two of zero and four
    require(length == len(data), "the stated length is another")
    octets.take(6, "header")  # product identifier, certification and device type
    return _read_rest(octets, _ANSI)


def write_ansi(record: MinutiaeRecord) -> bytes:
    """A record of ANSI INCITS 378-2004."""
    rest = _VENDOR_UNKNOWN + b"\x00\x00" + _rest(record, _ANSI)
    short = 10 + len(rest)
    length = short.to_bytes(2, "big") if short < 1 << 16 else (short + 4).to_bytes(6, "big")
    return MAGIC + _VERSION + length + rest


def _read_rest(octets: Octets, rules: Rules) -> MinutiaeRecord:
    """Size and resolution of all images, the number of views, a reserved octet, the views."""
    image = _IMAGE.unpack(octets.take(_IMAGE.size, "header"))
    count = check_count(octets.number(1, "header"))
    octets.expect(b"\x00", "reserved octet")
    views = tuple(_read_view(octets, image, rules) for _ in range(count))
    octets.finish("last view")
    return MinutiaeRecord(views)


def _read_view(octets: Octets, image: tuple[int, ...], rules: Rules) -> FingerView:
    position, number_and_impression, quality, count = octets.take(4, "view header")
    require(quality <= 100, "a quality is over 100")
    minutiae = read_minutiae(octets, count, rules)
    view = FingerView(
        width=image[0],
        height=image[1],
        minutiae=minutiae,
        position=position,
        number=number_and_impression >> 4,
        impression=number_and_impression & 0xF,
        quality=quality or None,
        resolution_x=image[2],
        resolution_y=image[3],
        extensions=read_extensions(octets),
    )
    return check_view(view)


def _rest(record: MinutiaeRecord, rules: Rules) -> bytes:
    check_count(len(record.views))
    images = {(check_view(v).width, v.height, v.resolution_x, v.resolution_y) for v in record.views}
    require(len(images) == 1, "all views of this edition are of one image size and resolution")
    views = b"".join(_view(view, rules) for view in record.views)
    return _IMAGE.pack(*images.pop()) + bytes([len(record.views), 0]) + views


def _view(view: FingerView, rules: Rules) -> bytes:
    require(view.impression <= 0xF, "this edition has no such impression type")
    header = bytes([view.position, view.number << 4 | view.impression, view.quality or 0, len(view.minutiae)])
    return header + write_minutiae(view.minutiae, rules) + write_extensions(view.extensions)
