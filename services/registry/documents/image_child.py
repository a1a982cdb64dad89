"""Opens images of documents in a process of its own: reads zones, and makes fingerprints of portraits.

Run as `python -m`, never imported by a service: image decoders and the text recogniser stay out of the registry, and
whatever they do to a process they do to this one. Asked and answered through pipes, one frame each: four octets of
length, then the content. A question is one letter (`Z` zone, `P` portrait) and an image file; an answer is JSON.
"""

import json
import os
import resource
import sys
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from services.registry.documents.portrait_bits import portrait_bits

if TYPE_CHECKING:
    from services.registry.documents.zone_reader import ZoneReader

_KINDS: Final = ("JPEG", "PNG", "JPEG2000", "TIFF", "BMP", "WEBP")
_MOST_PIXELS: Final = 50_000_000
_MEMORY_BYTES: Final = 4 * 2**30
Answer = dict[str, Any]


def main() -> None:
    """Answer questions until the pipe is closed. Leaves no core file, which would hold somebody's document."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    Image.MAX_IMAGE_PIXELS = _MOST_PIXELS
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get into an answer
    child = _Child()
    while len(head := questions.read(4)) == 4:
        question = questions.read(int.from_bytes(head, "big"))
        content = json.dumps(child.answer(question)).encode()
        answers.write(len(content).to_bytes(4, "big") + content)
        answers.flush()


class _Child:
    """Answers one question after another; the recogniser is loaded at the first that needs it."""

    def __init__(self) -> None:
        self._reader: ZoneReader | None = None

    def answer(self, question: bytes) -> Answer:
        try:
            page = _open(question[1:])
        except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError):
            return {"error": "DAMAGED"}
        return self._zone(page) if question[:1] == b"Z" else {"bits": portrait_bits(page)}

    def _zone(self, page: NDArray[np.uint8]) -> Answer:
        if self._reader is None:
            from services.registry.documents.zone_reader import ZoneReader

            self._reader = ZoneReader()
        read = self._reader.read(page)
        if read is None:
            return {"zone": None}
        return {"zone": read.text, "settled": read.settled, "confidence": round(read.confidence, 3)}


def _open(file: bytes) -> NDArray[np.uint8]:
    with Image.open(BytesIO(file), formats=_KINDS) as image:
        if image.width * image.height > _MOST_PIXELS or min(image.size) < 32:
            raise ValueError("too large or too small")
        image.draft("RGB", (2000, 2000))
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))


if __name__ == "__main__":
    main()
