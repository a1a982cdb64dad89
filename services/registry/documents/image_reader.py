"""Images of documents, looked at by a child process, started when the first one comes and ended with the room."""

import asyncio
import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import structlog

log = structlog.get_logger(__name__)

_SECONDS: Final = 30.0
"""From question to answer; the first loads the recogniser."""
_LARGEST_ANSWER: Final = 10_000


class DocumentImageError(Exception):
    """An image that the child could not open, or on which it died or took too long."""


@dataclass(frozen=True)
class PageZone:
    """A zone that was read from the image of a page.

    Attributes:
        text: its lines, parted by line feeds.
        settled: characters between two readings of which the check digits decided.
        confidence: 0..1, mean certainty of the characters.
    """

    text: str
    settled: int
    confidence: float


class ImageReader:
    """Asks the child, one question at a time."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def zone(self, page: bytes) -> PageZone | None:
        """The machine-readable zone on the image of a page; None: none was found.

        Raises:
            DocumentImageError: the image cannot be opened.
        """
        answer = await self._ask(b"Z", page)
        if answer["zone"] is None:
            return None
        return PageZone(answer["zone"], answer["settled"], answer["confidence"])

    async def bits(self, portrait: bytes) -> int:
        """The 256 bits by which the same picture is known again.

        Raises:
            DocumentImageError: the image cannot be opened.
        """
        answer = await self._ask(b"P", portrait)
        return int(answer["bits"], 16)

    async def close(self) -> None:
        """End the child."""
        async with self._turn:
            await self._end()

    async def _ask(self, kind: bytes, image: bytes) -> dict[str, Any]:
        async with self._turn:
            try:
                answer = await asyncio.wait_for(self._exchange(kind + image), _SECONDS)
            except (TimeoutError, asyncio.IncompleteReadError, OSError, ValueError) as error:
                log.warning("document_image_child_ended", reason=type(error).__name__)
                await self._end()
                raise DocumentImageError("the image could not be looked at") from error
            except asyncio.CancelledError:
                await self._end()  # its answer would be taken for the next question's
                raise
        if "error" in answer:
            raise DocumentImageError("the image cannot be opened")
        return answer

    async def _exchange(self, question: bytes) -> dict[str, Any]:
        process = await self._running()
        if process.stdin is None or process.stdout is None:
            raise OSError("the child has no pipes")
        process.stdin.write(len(question).to_bytes(4, "big") + question)
        await process.stdin.drain()
        length = int.from_bytes(await process.stdout.readexactly(4), "big")
        if length > _LARGEST_ANSWER:
            raise ValueError("an answer that is too long")
        answer: dict[str, Any] = json.loads(await process.stdout.readexactly(length))
        return answer

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "services.registry.documents.image_child",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            )
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if process.stdin is not None:
            process.stdin.close()
