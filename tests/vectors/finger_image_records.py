"""Finger image records put together by hand, octet by octet, from the standards' tables; one image of 4 x 2 pixels."""


def _octets(text: str) -> bytes:
    return bytes.fromhex(" ".join(line.split("#")[0] for line in text.splitlines()))


PIXELS = bytes([10, 20, 30, 40, 50, 60, 70, 80])

RAW_2005 = _octets(
    """
    46 49 52 00        # format identifier "FIR", 0
    30 31 30 00        # version "010", 0
    00 00 00 00 00 36  # length of the record: 32 + 14 + 8 = 54
    00 00              # capture device: unreported
    00 1F              # image acquisition level 31: 500 dpi, 8 bits
    01                 # one finger
    02                 # scale units: pixels per cm
    00 C5              # scan resolution across: 197
    00 C5              # scan resolution down
    00 C5              # image resolution across: 197 pixels per cm
    00 C5              # image resolution down
    08                 # pixel depth: 8 bits
    00                 # compression: none, no bit packing
    00 00              # reserved
    00 00 00 16        # length of the finger's block: 14 + 8 = 22
    07                 # position: left index
    01                 # views of this finger: 1
    01                 # view 1
    FE                 # quality: undefined in this edition
    00                 # impression type: live-scan plain
    00 04              # horizontal line length: 4
    00 02              # vertical line length: 2
    00                 # reserved
    0A 14 1E 28  32 3C 46 50  # the pixels
    """
)

RAW_2011 = _octets(
    """
    46 49 52 00        # format identifier "FIR", 0
    30 32 30 00        # version "020", 0
    00 00 00 4A        # length of the record: 16 + 58 = 74
    00 01              # one representation
    01                 # certification blocks are there
    01                 # one finger position
    00 00 00 3A        # length of the representation: 58
    07 E9 02 03 04 05 06 00 07  # captured 2025-02-03 04:05:06.007 UTC
    00                 # capture device technology: unknown
    00 00              # capture device vendor
    00 00              # capture device type
    01                 # one quality block
    50 01 01 00 21     # quality 80 by vendor 0101, algorithm 0021
    01                 # one certification block
    00 0C 01           # authority 12, scheme 1
    02                 # position: right index
    00                 # representation number 0
    01                 # scale units: pixels per inch
    01 F4              # scan sampling rate across: 500
    01 F4              # scan sampling rate down
    01 F4              # image sampling rate across: 500
    01 F4              # image sampling rate down
    08                 # bit depth
    00                 # compression: none, no bit packing
    00                 # impression type: live-scan plain
    00 04              # horizontal line length: 4
    00 02              # vertical line length: 2
    00 00 00 08        # length of the image: 8
    0A 14 1E 28  32 3C 46 50  # the pixels
    """
)


def record_2011(image: bytes, width: int, height: int, compression: int, dpi: int = 500, count: int = 1) -> bytes:
    """A record of 2011 of `count` times the same image, with neither quality nor certification blocks."""
    size = (
        dpi.to_bytes(2, "big") * 4 + bytes([8, compression, 0]) + width.to_bytes(2, "big") + height.to_bytes(2, "big")
    )
    body = b"\xff" * 9 + bytes(5) + b"\x00" + bytes([2, 0, 1]) + size + len(image).to_bytes(4, "big") + image
    one = (len(body) + 4).to_bytes(4, "big") + body
    rest = count.to_bytes(2, "big") + b"\x00\x01" + one * count
    return b"FIR\x00020\x00" + (12 + len(rest)).to_bytes(4, "big") + rest
