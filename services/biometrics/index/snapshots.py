"""Blocks of an index on disk, so that a start need not read and open every row of the table.

The table is the truth: what is kept here may be missing, old or damaged, and is then made again from it. A block is
one file, sealed as a whole (AES-256-GCM, NIST SP 800-38D) and opened into memory; or, without a key, plain, and mapped.
"""

import hashlib
import json
import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray

from services.biometrics.index.blocks import Block, Floats

FORMAT: Final = 1
_MANIFEST: Final = "manifest.json"
_NAME: Final = re.compile(r"[0-9a-f]{32}\.block")
_PAGE: Final = 4096
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16

Octets = NDArray[np.uint8]

log = structlog.get_logger(__name__)


class SnapshotDamagedError(Exception):
    """A file of a snapshot is missing, cut off, altered, or of another index."""


class SnapshotFolder:
    """What is kept of one index. Written by one process, one call at a time.

    A block's file is written whole, then named by the manifest, which is replaced as a whole: a crash or a full disk
    leaves the snapshot before. Files that the manifest does not name are removed.
    """

    def __init__(self, path: Path, label: str, key: bytes | None, *, read_only: bool = False) -> None:
        """A folder; made when something is kept.

        Args:
            path: of this index alone.
            label: which index; a file of another does not open.
            key: 32 bytes that seal; None: files are plain, and what is kept is mapped instead of held in memory.
            read_only: `keep` does nothing.
        """
        self._path = path
        self._label = label
        self._cipher = AESGCM(key) if key else None
        self._read_only = read_only
        self._files: dict[int, tuple[str, tuple[int, int]]] = {}
        self._digests: dict[str, str] = {}

    def names(self, dimension: int) -> list[str]:
        """Files of the last snapshot, oldest rows first; none when there is no snapshot that fits."""
        try:
            manifest = json.loads((self._path / _MANIFEST).read_bytes())
            files = [(str(file["name"]), str(file["sha256"])) for file in manifest["files"]]
            fits = (manifest["format"], manifest["dimension"]) == (FORMAT, dimension)
            _require(fits and all(_NAME.fullmatch(name) for name, _ in files))
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.error("index_manifest_damaged", error=type(error).__name__)
            return []
        self._digests = dict(files)
        return [name for name, _ in files]

    def read(self, name: str, number: int, dimension: int, most: int) -> Block:
        """A block of the last snapshot.

        Args:
            name: of its file.
            number: that the block gets.
            dimension: length of a vector.
            most: rows that a block may have.

        Raises:
            SnapshotDamagedError: it is not what was written.
        """
        path = self._path / name
        try:
            content = self._opened(name, path.read_bytes())
            header, start = _header(content)
            keys = [str(key) for key in header["keys"]]
            _require(header["dimension"] == dimension and 0 < len(keys) <= most)
            flat = np.frombuffer(content, "<f4", len(keys) * dimension, start).reshape(-1, dimension)
            vectors = flat.astype(np.float32, copy=False) if self._cipher else _mapped(path, start, flat.shape)
        except (OSError, ValueError, KeyError, TypeError, InvalidTag) as error:
            raise SnapshotDamagedError(type(error).__name__) from error
        block = Block(number, vectors, keys, mapped=self._cipher is None)
        self._files[number] = name, block.version
        return block

    def keep(self, blocks: Sequence[Block]) -> list[tuple[Block, Floats]]:
        """Make the snapshot what the blocks are now; files of what is unchanged stay.

        Returns:
            Blocks with their vectors as mapped from the file, where files are plain and the block's is new.

        Raises:
            OSError: the disk is full or fails; the snapshot before is still there.
        """
        if self._read_only:
            return []
        self._path.mkdir(parents=True, exist_ok=True, mode=0o700)
        files: dict[int, tuple[str, tuple[int, int]]] = {}
        mapped = []
        try:
            for block in blocks:
                version = block.version
                if version[0] == version[1]:
                    continue  # nobody is in it
                known = self._files.get(block.number)
                if known and known[1] == version:
                    files[block.number] = known
                    continue
                name, vectors = self._write_block(block)
                files[block.number] = name, version
                if vectors is not None:
                    mapped.append((block, vectors))
            if files != self._files or not (self._path / _MANIFEST).exists():
                self._write_manifest(len(blocks[0].vectors[0]), [name for name, _ in files.values()])
            self._files = files
        finally:
            self._sweep({_MANIFEST, *(name for name, _ in self._files.values())})
        return mapped

    def size(self) -> int:
        """Octets on disk."""
        return sum(file.stat().st_size for file in self._path.glob("*")) if self._path.exists() else 0

    def _write_block(self, block: Block) -> tuple[str, Floats | None]:
        name = f"{secrets.token_hex(16)}.block"
        keys, vectors = block.content()
        header = json.dumps({"dimension": vectors.shape[1], "keys": keys}).encode()
        start = -(-(4 + len(header)) // _PAGE) * _PAGE
        content = b"".join([len(header).to_bytes(4, "big"), header.ljust(start - 4), vectors.astype("<f4").tobytes()])
        if self._cipher:
            nonce = os.urandom(_NONCE_BYTES)
            _write(self._path / name, nonce + self._cipher.encrypt(nonce, content, self._owner(name)))
            return name, None
        self._digests[name] = hashlib.sha256(content).hexdigest()
        _write(self._path / name, content)
        return name, _mapped(self._path / name, start, vectors.shape)

    def _write_manifest(self, dimension: int, names: list[str]) -> None:
        files = [{"name": name, "sha256": self._digests.get(name, "")} for name in names]
        manifest = {"format": FORMAT, "dimension": dimension, "files": files}
        _write(self._path / _MANIFEST, json.dumps(manifest, indent=1).encode())

    def _opened(self, name: str, content: bytes) -> Octets:
        """What was written: writable where it was sealed, so that the vectors need not be copied."""
        if self._cipher:
            sealed = memoryview(content)[_NONCE_BYTES:]
            _require(len(sealed) >= _TAG_BYTES)
            plain = np.empty(len(sealed) - _TAG_BYTES, np.uint8)
            self._cipher.decrypt_into(content[:_NONCE_BYTES], sealed, self._owner(name), plain.data)
            return plain
        _require(hashlib.sha256(content).hexdigest() == self._digests.get(name))
        return np.frombuffer(content, np.uint8)

    def _owner(self, name: str) -> bytes:
        return f"lindung-index/{FORMAT}/{self._label}/{name}".encode()

    def _sweep(self, named: set[str]) -> None:
        for file in self._path.glob("*"):
            if file.name not in named:
                file.unlink()
        _sync(self._path)


def _require(fits: bool) -> None:
    if not fits:
        raise ValueError("not what was written")


def _header(content: Octets) -> tuple[dict[str, Any], int]:
    """The header, and where the vectors begin."""
    length = int.from_bytes(content[:4].tobytes(), "big")
    header = json.loads(content[4 : 4 + length].tobytes())
    return header, -(-(4 + length) // _PAGE) * _PAGE


def _mapped(path: Path, start: int, shape: tuple[int, ...]) -> Floats:
    return np.memmap(path, "<f4", "r", start, shape)


def _write(path: Path, content: bytes) -> None:
    """Durable and whole: a crash leaves the old file or the new one."""
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
