"""Screening a list from a file: sent once, followed with a progress bar, gone on with after a break."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import anyio
import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from services.cli.connection import Api, Identity, RefusedError
from shared.contracts.batches import BatchState

_POLL_S: Final = 0.5
_PATH: Final = "/v1/screening/batches"

log = Console(stderr=True)


async def screen_list(api: Api, identity: Identity, file: Path, out: Path, limit: int) -> dict[str, Any]:
    """Screen every row of a CSV file and write the result beside it.

    Until the result is written, a note next to it says which batch it is: the same command goes on with that.

    Args:
        api: the gateway.
        identity: as whom, and why.
        file: CSV with a header.
        out: the result.
        limit: hits shown for a row.

    Returns:
        The finished batch.
    """
    content = await anyio.Path(file).read_bytes()
    note, digest = anyio.Path(out.with_name(out.name + ".batch")), hashlib.sha256(content).hexdigest()
    batch = await _begun(api, identity, note, digest)
    if batch is None:
        headers, params = {"Content-Type": "text/csv"}, {"limit": limit}
        batch = (await api.ask(identity, "POST", _PATH, content=content, headers=headers, params=params)).json()
        await note.write_text(json.dumps({"id": batch["id"], "digest": digest}), encoding="utf-8")
    batch = await _wait(api, identity, batch)
    await _write(api, identity, f"{_PATH}/{batch['id']}/result", out)
    await note.unlink(missing_ok=True)
    return batch


async def _write(api: Api, identity: Identity, path: str, out: Path) -> None:
    """The result page by page, under one head line."""
    following: str | None = path
    async with await anyio.open_file(out, "w", encoding="utf-8", newline="") as file:
        while following is not None:
            page = await api.ask(identity, "GET", following)
            head, _, rows = page.text.partition("\r\n")
            await file.write(rows if following != path else f"{head}\r\n{rows}")
            following = page.links.get("next", {}).get("url")


async def _begun(api: Api, identity: Identity, note: anyio.Path, digest: str) -> dict[str, Any] | None:
    """The batch that an earlier run began on the same file, if it is still there."""
    try:
        told = json.loads(await note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if told.get("digest") != digest:
        return None
    try:
        begun: dict[str, Any] = (await api.ask(identity, "GET", f"{_PATH}/{told['id']}")).json()
    except RefusedError as error:
        if error.status == 404:
            return None
        raise
    return begun


async def _wait(api: Api, identity: Identity, batch: dict[str, Any]) -> dict[str, Any]:
    columns = (TextColumn("screened"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=log) as progress:
        bar = progress.add_task("screened", total=batch["rows"], completed=batch["done"])
        while batch["state"] != BatchState.DONE:
            await anyio.sleep(_POLL_S)
            batch = (await api.ask(identity, "GET", f"{_PATH}/{batch['id']}")).json()
            progress.update(bar, completed=batch["done"])
    return batch


def show_batch(batch: dict[str, Any], out: Path) -> None:
    """A batch in a sentence."""
    counts = f"{batch['matches']} with a match, {batch['possible']} with possible hits, {batch['rejected']} rejected"
    click.echo(f"{batch['rows']} rows: {counts}; written to {out}")
