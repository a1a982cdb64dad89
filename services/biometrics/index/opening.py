"""Which index holds a gallery: the setting's."""

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

from services.biometrics.index.batching import BatchedIndex
from services.biometrics.index.embedded import EmbeddedIndex
from services.biometrics.index.snapshots import SnapshotFolder
from services.biometrics.index.vectors import VectorIndex
from shared.settings import Settings


def open_index(
    settings: Settings,
    gallery: str,
    model_id: str,
    dimension: int,
    snapshot_key: bytes | None = None,
    *,
    read_only: bool = False,
) -> VectorIndex:
    """The index of a gallery's vectors of one model, as LINDUNG_INDEX says, with what it kept.

    Args:
        settings: of the deployment.
        gallery: the gallery's name.
        model_id: whose vectors; those of different models never meet.
        dimension: length of a vector.
        snapshot_key: seals what an index in the process keeps on disk; None: it keeps nothing and is empty.
        read_only: the service may be running: an index in the process writes no snapshot, one on Milvus writes nothing.

    Raises:
        IndexNotVouchedError: vectors would leave the process, and nobody vouched for where they go.
        IndexUnavailableError: Milvus does not answer.
    """
    if settings.index == "milvus":
        from services.biometrics.index.milvus import MilvusIndex, MilvusView
        from services.biometrics.index.milvus_connection import connect

        kind = MilvusView if read_only else MilvusIndex
        return kind(connect(settings), gallery, model_id, dimension)
    if snapshot_key is None:
        return EmbeddedIndex(dimension)
    key = snapshot_key if settings.index_files == "sealed" else None
    label = _label(gallery, model_id)
    folder = SnapshotFolder(_home(settings) / label, label, key, read_only=read_only)
    return BatchedIndex(EmbeddedIndex(dimension, folder), lanes=settings.engine_threads)


def sweep_snapshots(settings: Settings, kept: Iterable[tuple[str, str]]) -> None:
    """Remove what is kept on disk of galleries and models other than these: nobody is in them any more."""
    labels = {_label(gallery, model_id) for gallery, model_id in kept}
    for folder in _home(settings).glob("*"):
        if folder.name not in labels:
            shutil.rmtree(folder)


def _home(settings: Settings) -> Path:
    return settings.var / "index"


def _label(gallery: str, model_id: str) -> str:
    return hashlib.sha256(f"{gallery}\0{model_id}".encode()).hexdigest()[:32]
