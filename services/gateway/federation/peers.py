"""Asking other members: signed, verified, bounded in time and number, with evidence kept."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import httpx
import structlog

from services.gateway.federation.breaker import Breaker
from services.gateway.federation.membership import Membership
from services.gateway.federation.messages import (
    CASE,
    PURPOSE,
    USER,
    VERSION,
    MessageRefusedError,
    MessageSigner,
    Question,
    Reply,
    verify_reply,
)
from services.gateway.federation.receipts import Receipts
from shared.contracts.caller import Caller
from shared.contracts.membership import MemberEntry
from shared.db.database import now

VERSIONS: Final = (2, 1)
"""Versions of the protocol that are spoken, newest first: this one and the one before."""
AT_ONCE: Final = 16
"""Requests under way to one member."""
MOST_BYTES: Final = 4_000_000
_LINE_CLOSED: Final = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)
"""A connection that was kept is closed by the other side, for want of use, in the moment in which it is used again."""

log = structlog.get_logger(__name__)


class MemberSilentError(Exception):
    """A member gave no answer that is believed; `reason` in a word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Answer:
    """A member's answer, proven to be its own and to this question."""

    member: str
    status: int
    body: bytes
    headers: Mapping[str, str]
    receipt: str

    @property
    def version(self) -> str:
        """Of the protocol, that it is written in."""
        return self.headers.get(VERSION, "")


class Peers:
    """The way to the other members.

    Args:
        receipts: where evidence is kept.
        membership: who they are, and their keys.
        signer: of this node's messages.
        transport: for tests; none: the network.
        versions: of the protocol that are offered, newest first.
    """

    def __init__(
        self,
        receipts: Receipts,
        membership: Membership,
        signer: MessageSigner,
        transport: httpx.AsyncBaseTransport | None = None,
        versions: tuple[int, ...] = VERSIONS,
    ) -> None:
        self._receipts, self._membership, self._signer, self._versions = receipts, membership, signer, versions
        self._http = httpx.AsyncClient(
            transport=transport,
            timeout=None,  # noqa: S113  the whole exchange has a deadline, below
            limits=httpx.Limits(max_connections=200, max_keepalive_connections=100),
            follow_redirects=False,
            trust_env=False,
        )
        self._breakers: defaultdict[str, Breaker] = defaultdict(Breaker)
        self._turns: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE))

    async def ask(
        self, entry: MemberEntry, method: str, path: str, caller: Caller, body: bytes, seconds: float
    ) -> Answer:
        """One question to one member; asked once more where the line was closed before an answer came.

        Args:
            entry: of the directory.
            method: GET or POST.
            path: with its query.
            caller: for whom it is asked; purpose and case travel signed, the user as this node's own name for them.
            body: JSON, or nothing.
            seconds: until the answer is no longer waited for.

        Raises:
            MemberSilentError: time-out, no connection, an open breaker, or an answer that is not believed.
        """
        breaker = self._breakers[entry.member]
        if not breaker.allows():
            raise MemberSilentError("resting")
        try:
            async with asyncio.timeout(seconds), self._turns[entry.member]:
                try:
                    reply = await self._exchange(self._question(entry, method, path, caller, body))
                except _LINE_CLOSED:  # a question of its own: this one's nonce may have been seen
                    reply = await self._exchange(self._question(entry, method, path, caller, body))
            self._believe(entry, reply)
        except (TimeoutError, httpx.HTTPError, MessageRefusedError) as error:
            breaker.failed()
            reason = _reason(error)
            log.warning("member_silent", member=entry.member, reason=reason)
            raise MemberSilentError(reason) from error
        except asyncio.CancelledError:
            breaker.given_up()
            raise
        breaker.succeeded()
        receipt = await self._receipts.keep("asked", entry.member, reply)
        return Answer(entry.member, reply.status_code, reply.body, reply.headers, receipt)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    def _question(self, entry: MemberEntry, method: str, path: str, caller: Caller, body: bytes) -> Question:
        headers = {
            PURPOSE: caller.purpose.value if caller.purpose else "",
            CASE: quote(caller.case_reference or "", safe=" /"),
            USER: quote(caller.person, safe=""),
            VERSION: ", ".join(map(str, self._versions)),
            "content-type": "application/json",
        }
        question = Question(method, entry.address + path, headers, body)
        self._signer.sign_question(question, now())
        return question

    async def _exchange(self, question: Question) -> Reply:
        request = self._http.build_request(
            question.method, question.url, headers=question.headers, content=question.body
        )
        answer = await self._http.send(request, stream=True)
        try:
            content = b""
            async for chunk in answer.aiter_bytes():
                content += chunk
                if len(content) > MOST_BYTES:
                    raise MessageRefusedError("too-large", "the answer is too large")
        finally:
            await answer.aclose()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        question.headers = {name.lower(): value for name, value in question.headers.items()}
        return Reply(answer.status_code, headers, content, question)

    def _believe(self, entry: MemberEntry, reply: Reply) -> None:
        """An answer is the asked member's own, or it is none."""
        keys = {name: key for name, key in self._membership.keys().items() if name.startswith(entry.member + "/")}
        verify_reply(reply, keys, now())


def _reason(error: Exception) -> str:
    if isinstance(error, MessageRefusedError):
        return error.reason
    return "time-out" if isinstance(error, TimeoutError | httpx.TimeoutException) else "away"
