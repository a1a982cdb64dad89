"""The federation as a node takes part in it; none where it has not joined."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from services.gateway.federation.membership import DirectorySource, Membership, kept_fresh
from services.gateway.federation.messages import MessageSigner
from services.gateway.federation.peers import VERSIONS, Peers
from services.gateway.federation.receipts import Receipts
from shared.contracts.membership import Root
from shared.db.database import Database
from shared.settings import Settings

SIGNING_KEY: Final = "federation-signing.pem"
ROOT: Final = "federation-root.json"
KEY_ID: Final = "1"


@dataclass(frozen=True)
class Federation:
    """What this node needs to ask and to answer.

    Attributes:
        address: of this node's own gateway, as the directory and so every signature has it.
        versions: of the protocol that this node speaks, newest first.
    """

    membership: Membership
    peers: Peers
    receipts: Receipts
    signer: MessageSigner
    address: str
    seconds: float
    versions: tuple[int, ...] = VERSIONS


@asynccontextmanager
async def open_federation(
    settings: Settings, database: Database, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[Federation | None]:
    """Take part while the block runs.

    Raises:
        OSError, ValueError: the settings name a directory, but root or key are missing or cannot be read.
    """
    if settings.directory is None:
        yield None
        return
    signer = MessageSigner(f"{settings.member}/{KEY_ID}", (settings.key_folder / SIGNING_KEY).read_bytes())
    membership = Membership(database, settings.member, _trusted_root(settings.key_folder / ROOT))
    await membership.load()
    receipts = Receipts(database)
    peers = Peers(receipts, membership, signer, transport)
    try:
        async with kept_fresh(membership, DirectorySource(settings.directory), settings.directory_seconds):
            address = settings.public_url.rstrip("/")
            yield Federation(membership, peers, receipts, signer, address, settings.federation_seconds)
    finally:
        await receipts.close()
        await peers.close()


def _trusted_root(path: Path) -> Root:
    return Root.model_validate_json(path.read_text(encoding="utf-8"))
