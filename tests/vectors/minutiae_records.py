"""Finger minutiae records put together by hand, octet by octet, from the standards' tables; the same two minutiae.

The print: 300 x 400 pixels at 197 per cm, right index, live-scan plain, quality 80. An ending at (100, 200) towards 45
degrees, quality 90; a bifurcation at (150, 260) towards 270 degrees, not graded.
"""


def _octets(text: str) -> bytes:
    return bytes.fromhex(" ".join(line.split("#")[0] for line in text.splitlines()))


ISO_2005 = _octets(
    """
    46 4D 52 00      # format identifier "FMR", 0
    20 32 30 00      # version " 20", 0
    00 00 00 2A      # length of the record: 24 + 4 + 2 * 6 + 2 = 42
    00 00            # certification of the device (4 bits) and device type (12 bits): unreported
    01 2C            # image size in x: 300
    01 90            # image size in y: 400
    00 C5            # resolution in x: 197 pixels per cm
    00 C5            # resolution in y
    01               # one finger view
    00               # reserved
    02               # finger position: right index
    00               # view number 0 (4 bits), impression type 0 (4 bits)
    50               # finger quality: 80
    02               # two minutiae
    40 64            # type 01 ending, x 100
    00 C8            # reserved 00, y 200
    20               # angle: 45 degrees = 32 * 1.40625
    5A               # quality: 90
    80 96            # type 10 bifurcation, x 150
    01 04            # reserved 00, y 260
    C0               # angle: 270 degrees = 192 * 1.40625
    00               # quality: not reported
    00 00            # no extended data
    """
)

ISO_2005_WITH_RIDGE_COUNTS = _octets(
    """
    46 4D 52 00  20 32 30 00
    00 00 00 2C      # length: 24 + 4 + 6 + 2 + 8 = 44
    00 00  01 2C  01 90  00 C5  00 C5  01  00
    02  00  50  01   # one minutia
    40 64  00 C8  20  5A
    00 08            # length of all extended data
    00 01            # type: ridge count
    00 08            # length of this block with its header
    00               # extraction method: nonspecific
    01 02 05         # between minutiae 1 and 2: five ridges
    """
)

ANSI_2004 = _octets(
    """
    46 4D 52 00      # format identifier "FMR", 0
    20 32 30 00      # version " 20", 0
    00 2C            # length of the record: 26 + 4 + 2 * 6 + 2 = 44
    01 03 00 00      # CBEFF product identifier: vendor unknown
    00 00            # compliance of the device (4 bits) and device id (12 bits)
    01 2C            # image size in x: 300
    01 90            # image size in y: 400
    00 C5            # resolution in x: 197 pixels per cm
    00 C5            # resolution in y
    01               # one finger view
    00               # reserved
    02               # finger position: right index
    00               # view number 0 (4 bits), impression type 0 (4 bits)
    50               # finger quality: 80
    02               # two minutiae
    40 64            # type 01 ending, x 100
    00 C8            # reserved 00, y 200
    16               # angle: 44 degrees = 22 * 2 (45 is between two units)
    5A               # quality: 90
    80 96            # type 10 bifurcation, x 150
    01 04            # reserved 00, y 260
    87               # angle: 270 degrees = 135 * 2
    00               # quality: not reported
    00 00            # no extended data
    """
)

ISO_2011 = _octets(
    """
    46 4D 52 00      # format identifier "FMR", 0
    30 33 30 00      # version "030", 0
    00 00 00 42      # length of the record: 15 + 51 = 66
    00 01            # one representation
    00               # no certification blocks
    00 00 00 33      # length of the representation: 51
    07 E9            # captured in 2025
    02 03            # 3 February
    04 05 06         # 04:05:06 UTC
    00 07            # and 7 milliseconds
    00               # capture device technology: unknown
    00 00            # capture device vendor: unreported
    00 00            # capture device type: unreported
    01               # one quality block
    50 00 00 00 00   # quality 80, of no named vendor and algorithm
    02               # finger position: right index
    00               # representation number 0
    00 C5            # sampling rate in x: 197 pixels per cm
    00 C5            # sampling rate in y
    00               # impression type: live-scan plain
    01 2C            # image size in x: 300
    01 90            # image size in y: 400
    60               # six octets a minutia (4 bits), ridge ending type 0 (4 bits)
    02               # two minutiae
    40 64            # type 01 ending, x 100
    00 C8            # reserved 00, y 200
    20               # angle: 45 degrees = 32 * 1.40625
    5A               # quality: 90
    80 96            # type 10 bifurcation, x 150
    01 04            # reserved 00, y 260
    C0               # angle: 270 degrees = 192 * 1.40625
    FE               # quality: not reported
    00 00            # no extended data
    """
)

ISO_2011_CERTIFIED_FIVE_OCTETS = _octets(
    """
    46 4D 52 00  30 33 30 00
    00 00 00 3A      # length: 15 + 43 = 58
    00 01
    01               # certification blocks are there
    00 00 00 2B      # length of the representation: 43
    FF FF FF FF FF FF FF FF FF  # no capture date
    04  00 0A  00 0B # monochromatic visible optical TIR, vendor 10, type 11
    00               # no quality block
    01               # one certification block
    00 0C  01        # authority 12, scheme 1
    07               # finger position: left index
    01               # representation number 1
    01 8A  01 8A     # 394 pixels per cm
    09               # impression type: vertical roll
    02 58  03 20     # 600 x 800
    51               # five octets a minutia, ridge ending type 1 (skeleton end points)
    01               # one minutia
    00 00            # type 00 other, x 0
    03 1F            # y 799
    FF               # angle: 255 * 1.40625
    00 00            # no extended data
    """
)
