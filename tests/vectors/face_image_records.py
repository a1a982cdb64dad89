"""Face image records put together by hand, octet by octet, from the tables of the standards; five octets of image."""


def _octets(text: str) -> bytes:
    return bytes.fromhex(" ".join(line.split("#")[0] for line in text.splitlines()))


IMAGE = bytes([0xFF, 0xD8, 0xFF, 0xD9, 0x00])

FACE_2005 = _octets(
    """
    46 41 43 00        # format identifier "FAC", 0
    30 31 30 00        # version "010", 0
    00 00 00 3B        # length of the record: 14 + 45 = 59
    00 01              # one image
    00 00 00 2D        # length of the facial record: 20 + 8 + 12 + 5 = 45
    00 01              # one feature point
    02 01 02           # sex, eyes, hair
    00 00 01           # properties
    00 01              # expression: neutral
    01 02 03           # pose: yaw, pitch, roll
    00 00 00           # its uncertainty
    01 3C 00 10 00 11 00 00  # feature point 3.12 at 16, 17; reserved
    01                 # image type: full frontal
    00                 # image data type: JPEG
    01 A4              # width 420
    02 1C              # height 540
    01                 # colour space: RGB
    02                 # source: digital camera
    00 00              # device type
    00 00              # quality
    FF D8 FF D9 00     # the image
    """
)

FACE_2011 = _octets(
    """
    46 41 43 00        # format identifier "FAC", 0
    30 33 30 00        # version "030", 0
    00 00 00 58        # length of the record: 17 + 71 = 88
    00 01              # one representation
    00                 # no certification
    00 00              # temporal semantics: one representation
    00 00 00 47        # length of the representation: 4 + 14 + 6 + 17 + 8 + 11 + 9 + 2 = 71
    07 E9 02 03 04 05 06 00 07  # captured 2025-02-03 04:05:06.007 UTC
    00                 # capture device technology
    00 00              # capture device vendor
    00 00              # capture device type
    01                 # one quality block
    50 01 01 00 21     # quality 80 by vendor 0101, algorithm 0021
    00 01              # one landmark point
    02 01 02 B4        # sex, eyes, hair, height 180 cm
    00 00 01           # properties
    00 01              # expression
    01 02 03           # pose
    00 00 00           # its uncertainty
    01 3C 00 10 00 11 00 00  # landmark point 3.12 at 16, 17, 0
    01                 # image type: full frontal
    02                 # image data type: JPEG 2000 without loss
    01 A4              # width 420
    02 1C              # height 540
    B4                 # spatial sampling rate level
    00 00              # post-acquisition processing
    00                 # cross reference
    01                 # colour space: RGB
    00 00 00 05        # length of the image
    FF D8 FF D9 00     # the image
    AA BB              # extra data, read over
    """
)


def face_record_2005(image: bytes, width: int = 256, height: int = 256) -> bytes:
    """A record of one image without feature points."""
    inside = bytes(2 + 14) + bytes([1, 0]) + width.to_bytes(2, "big") + height.to_bytes(2, "big") + bytes(6) + image
    block = (4 + len(inside)).to_bytes(4, "big") + inside
    return b"FAC\x00010\x00" + (14 + len(block)).to_bytes(4, "big") + b"\x00\x01" + block


def face_record_2011(image: bytes, width: int = 256, height: int = 256, code: int = 3) -> bytes:
    """A record of one image without quality blocks and landmark points."""
    size = width.to_bytes(2, "big") + height.to_bytes(2, "big")
    head = bytes(14) + bytes(1) + bytes(2 + 15) + bytes([1, code]) + size + bytes(5)
    inside = head + len(image).to_bytes(4, "big") + image
    block = (4 + len(inside)).to_bytes(4, "big") + inside
    return b"FAC\x00030\x00" + (17 + len(block)).to_bytes(4, "big") + b"\x00\x01\x00\x00\x00" + block
