"""The road between two gateways, on loopback: it passes on what is sent, or does what bad roads do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto

_CHUNK = 65_536


class Weather(Enum):
    """What the road does with a connection."""

    CLEAR = auto()
    CUT = auto()
    """Closes it at once."""
    SLOW = auto()
    """Takes what is sent and passes nothing on, until the weather changes."""
    ERROR = auto()
    """Answers with an error page of its own."""
    REPLAY = auto()
    """Answers with what came back the last time the weather was clear."""
    ALTERED = auto()
    """Changes one octet of each answer's body."""


@dataclass
class Road:
    """A TCP proxy to one gateway; `port` is its own."""

    target: int
    port: int
    weather: Weather = Weather.CLEAR
    asked: list[bytes] = field(default_factory=list)
    answered: list[bytes] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _travellers: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for traveller in self._travellers:
            traveller.cancel()
        await asyncio.gather(*self._travellers, return_exceptions=True)

    def turn(self, weather: Weather) -> None:
        self.weather = weather
        self.changed.set()
        self.changed = asyncio.Event()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        traveller = asyncio.create_task(self._serve(reader, writer))
        self._travellers.add(traveller)
        traveller.add_done_callback(self._travellers.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with _closing(writer):
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while request := await _read_message(reader):
                    self.asked.append(request)
                    answer = await self._answer(request)
                    if answer is None:
                        break
                    writer.write(answer)
                    await writer.drain()

    async def _answer(self, request: bytes) -> bytes | None:
        if self.weather is Weather.SLOW:
            await self.changed.wait()
        if self.weather is Weather.CUT:
            return None
        if self.weather is Weather.ERROR:
            return b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\n\r\noops"
        if self.weather is Weather.REPLAY:
            return self.answered[-1]
        answer = await send(self.target, request)
        if self.weather is Weather.ALTERED:
            return answer[:-1] + bytes([answer[-1] ^ 1])
        self.answered.append(answer)
        return answer


async def send(port: int, request: bytes) -> bytes:
    """The answer to a request as it is."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with _closing(writer):
        writer.write(request)
        await writer.drain()
        return await _read_message(reader)


@asynccontextmanager
async def _closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    """The connection is closed at the end, whatever happens: what is left open is warned of in a later test."""
    try:
        yield
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def _read_message(reader: asyncio.StreamReader) -> bytes:
    """One HTTP/1.1 message with a Content-Length, or nothing at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return head + await reader.readexactly(int(lengths[0]) if lengths else 0)


def changed(request: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """A request with a change to its head."""
    head, _, body = request.partition(b"\r\n\r\n")
    return change(head) + b"\r\n\r\n" + body
