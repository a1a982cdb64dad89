"""Notices sent to webhooks: signed (RFC 9421, over a digest of the content, RFC 9530), again and again until taken."""

from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import structlog
from http_message_signatures import HTTPMessageSigner, algorithms
from http_message_signatures.resolvers import MappingKeyResolver
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.screening.office_tables import NoticeRow, WatchRow
from services.registry.screening.watches import notice_of
from shared.contracts.watches import Delivery
from shared.crypto.keyfiles import public_jwk
from shared.db.database import Database, now
from shared.http.named_hosts import HostNotNamedError, NamedHosts

TAG: Final = "lindung-webhook"
KEY_ID: Final = "registry"
COVERED: Final = ("@method", "@target-uri", "content-type", "content-digest")
MOST_TRIES: Final = 100
"""Over some eight hours; afterwards only when asked."""

_TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)

log = structlog.get_logger(__name__)


class WebhookFailedError(Exception):
    """The notice was not taken; it is sent again."""


@dataclass
class _Message:
    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


class Webhooks:
    """Sends notices. No redirect is followed, no proxy of the environment used; of the answer only the status is read.

    Args:
        database: the registry's.
        hosts: where notices may be sent, asked again before each try.
        private_pem: the registry's ES256 key.
    """

    def __init__(self, database: Database, hosts: NamedHosts, private_pem: bytes) -> None:
        self._database = database
        self._hosts = hosts
        self._signer = HTTPMessageSigner(
            signature_algorithm=algorithms.ECDSA_P256_SHA256,
            key_resolver=MappingKeyResolver(public_keys={}, private_keys={KEY_ID: private_pem}),
        )
        self._client = httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False, trust_env=False)
        self.keys: list[dict[str, Any]] = [public_jwk(private_pem, KEY_ID)]

    async def send(self, notice_id: str) -> None:
        """Send a notice to its watch's webhook.

        Raises:
            WebhookFailedError: to be tried again.
        """
        async with self._database.read() as session:
            found = await _notice(session, notice_id)
        if found is None or found[0].delivery != Delivery.WAITING:
            return
        row, address = found
        taken = await self.post(address, notice_of(row).model_dump_json(exclude={"delivery"}).encode(), row.id)
        if not await self._keep(notice_id, taken=taken):
            raise WebhookFailedError("the webhook did not take the notice")

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    async def post(self, address: str, content: bytes, notice_id: str) -> bool:
        """Send a notice once; whether it was taken."""
        try:
            url = self._hosts.check(address)
            headers = self.signed(str(url), content, notice_id)
            async with self._client.stream("POST", url, content=content, headers=headers) as answer:
                return answer.is_success
        except (httpx.HTTPError, HostNotNamedError) as error:
            log.warning("webhook_failed", notice=notice_id, error=type(error).__name__)
            return False

    def signed(self, url: str, content: bytes, nonce: str) -> dict[str, str]:
        """Headers of a signed POST. The nonce is the notice's id: who has seen it has the notice already."""
        message = _Message("POST", url, {"content-type": "application/json"})
        self._signer.sign(
            message, key_id=KEY_ID, created=now(), nonce=nonce, label="lindung", tag=TAG,
            covered_component_ids=COVERED, body=content,
        )  # fmt: skip
        return message.headers

    async def _keep(self, notice_id: str, *, taken: bool) -> bool:
        """Note how it went; whether it is over, one way or the other."""
        async with self._database.write() as session:
            found = await _notice(session, notice_id)
            if found is None:
                return True
            row = found[0]
            row.tries += 1
            if taken:
                row.delivery = Delivery.DELIVERED
            elif row.tries >= MOST_TRIES:
                row.delivery = Delivery.GIVEN_UP
            return row.delivery != Delivery.WAITING


async def _notice(session: AsyncSession, notice_id: str) -> tuple[NoticeRow, str] | None:
    """A notice and where it goes; None when its watch was given up."""
    query = select(NoticeRow, WatchRow.webhook).join(WatchRow, WatchRow.id == NoticeRow.watch_id)
    found = (await session.execute(query.where(NoticeRow.id == notice_id, WatchRow.webhook.is_not(None)))).one_or_none()
    return None if found is None or found[1] is None else (found[0], found[1])
