"""What a service tells of its own keys: names, ids, ages. Never a key."""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, cast

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request

from shared.contracts.access import KeyFile, KeyList
from shared.crypto.keyfiles import public_jwk
from shared.crypto.ringfile import read_ring_file
from shared.http.callers import CallerDep
from shared.settings import Settings

Use = Literal["signs", "seals", "digests", "opens_packets"]
_USES: Final[tuple[tuple[str, Use], ...]] = (
    ("*-signing.pem", "signs"),
    ("*-sealing.json", "seals"),
    ("*-digest.key", "digests"),
    ("gateway-packets.pem", "opens_packets"),
)

router = APIRouter(tags=["keys"])


@router.get("/v1/keys", operation_id="listKeys")
async def list_keys(request: Request, _caller: CallerDep) -> KeyList:
    """The keys that this service has at hand."""
    settings = cast("Settings", request.app.state.settings)
    return KeyList(items=await run_sync(lambda: list(keys_in(settings.key_folder))))


def keys_in(folder: Path) -> Iterator[KeyFile]:
    """Every key file of a folder, by use and name.

    Args:
        folder: as `make_key_files` fills it; files that are not there are not told of.
    """
    for pattern, use in _USES:
        for path in sorted(folder.glob(pattern)):
            changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            yield KeyFile(name=path.name, use=use, ids=_ids(path, use), changed_at=changed)


def _ids(path: Path, use: Use) -> list[str]:
    """The ids of a ring's keys, of all members, the newest first; of a key pair the thumbprint of its public half."""
    if use == "seals":
        rings: dict[str, list[dict[str, Any]]] = json.loads(read_ring_file(path))
        return sorted({entry["kid"] for entries in rings.values() for entry in entries}, key=_age, reverse=True)
    return [_thumbprint(path)] if use == "signs" else []


def _age(kid: str) -> tuple[int, str]:
    return (int(kid) if kid.isdigit() else 0, kid)


def _thumbprint(path: Path) -> str:
    """RFC 7638, SHA-256."""
    key = public_jwk(path.read_bytes(), path.stem)
    parts = json.dumps({name: key[name] for name in ("crv", "kty", "x", "y")}, sort_keys=True, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(parts.encode()).digest()).decode().rstrip("=")
