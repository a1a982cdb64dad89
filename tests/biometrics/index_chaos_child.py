"""The process that the chaos test kills: a table in SQLite as the truth, and an index that writers, searchers, removers
and a keeper of snapshots work on. Says on standard output what it has acknowledged; a discrepancy ends it with 3."""

import os
import random
import resource
import signal
import sqlite3
import sys
import threading
from pathlib import Path

import numpy as np
import structlog

from services.biometrics.index import EmbeddedIndex, SnapshotFolder

DIMENSION = 32
FOUND_AT = 0.999


def vector(key: str) -> np.ndarray:
    """Every key has one vector, so that the parent need not be told."""
    row = np.random.default_rng(int(key)).standard_normal(DIMENSION).astype(np.float32)
    return row / np.linalg.norm(row)


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())  # one write: whole lines, whatever kills us


def fail(*words: object) -> None:
    say("WRONG", *words)
    os._exit(3)


class Life:
    """From a start to the kill."""

    def __init__(self, home: Path, seed: int, sealed: bool) -> None:
        self.table = sqlite3.connect(home / "table.db", check_same_thread=False, isolation_level=None)
        self.table.execute("pragma journal_mode=wal")
        self.table.execute("create table if not exists vectors (key integer primary key autoincrement, gone integer)")
        self.lock = threading.Lock()
        folder = SnapshotFolder(home / "index", "chaos", bytes(32) if sealed else None)
        self.index = EmbeddedIndex(DIMENSION, folder, block_rows=64, coded_from=256)
        self.seed = seed
        self.living: dict[str, bool] = {}

    def reconcile(self) -> None:
        """What a start does: the table says who is in."""
        wanted = {str(key) for (key,) in self.table.execute("select key from vectors where gone is null")}
        kept = set(self.index.keys())
        self.index.remove(sorted(kept - wanted))
        missing = sorted(wanted - kept, key=int)
        if missing:
            self.index.add(missing, np.stack([vector(key) for key in missing]))
        self.living = dict.fromkeys(wanted, True)
        say("START", len(wanted), len(kept & wanted), len(kept - wanted))
        for start in range(0, len(wanted), 256):
            some = sorted(wanted, key=int)[start : start + 256]
            for key, hits in zip(
                some, self.index.search_at(np.stack([vector(key) for key in some]), FOUND_AT), strict=True
            ):
                if [hit.key for hit in hits] != [key]:
                    fail("not found at start", key)

    def write(self) -> None:
        while True:
            with self.lock:
                key = str(self.table.execute("insert into vectors (gone) values (null)").lastrowid)
            self.index.add([key], vector(key)[np.newaxis])
            self.living[key] = True
            say("ADDED", key)

    def remove(self) -> None:
        chance = random.Random(self.seed)  # noqa: S311  seeded on purpose
        while True:
            keys = list(self.living)
            if len(keys) < 1000:
                threading.Event().wait(0.005)
                continue
            key = chance.choice(keys)
            with self.lock:
                self.table.execute("update vectors set gone = 1 where key = ?", [int(key)])
            del self.living[key]
            self.index.remove([key])
            say("REMOVED", key)
            if self.index.search_at(vector(key)[np.newaxis], FOUND_AT)[0]:
                fail("found after removal", key)

    def search(self, number: int) -> None:
        chance = random.Random(self.seed + number)  # noqa: S311  seeded on purpose
        while True:
            keys = list(self.living)
            if not keys:
                continue
            key = chance.choice(keys)
            hits = self.index.search_at(vector(key)[np.newaxis], FOUND_AT)[0]
            if not hits and key in self.living:
                fail("lost", key)
            if len(hits) > 1:
                fail("twice", key)

    def keep(self, full_disk: bool) -> None:
        chance = random.Random(self.seed)  # noqa: S311  seeded on purpose
        while True:
            try:
                if full_disk and chance.random() < 0.5:
                    with self.lock:  # the limit is the whole process's: the table is not to meet it
                        self.keep_on_a_full_disk()
                else:
                    self.index.snapshot()
                say("KEPT")
            except OSError:
                say("FULL")

    def keep_on_a_full_disk(self) -> None:
        """No file may grow beyond less than a block."""
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
        try:
            self.index.snapshot()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def main() -> None:
    home, seed, sealed, full_disk = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "sealed", sys.argv[4] == "full"
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # what is said is for the parent
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    life = Life(home, seed, sealed)
    life.reconcile()
    jobs = [life.write, life.remove, lambda: life.search(1), lambda: life.search(2), lambda: life.keep(full_disk)]
    for job in jobs:
        threading.Thread(target=guarded, args=[job], daemon=True).start()
    threading.Event().wait()


def guarded(job) -> None:
    try:
        job()
    except BaseException as error:  # noqa: BLE001  whatever it is, the parent hears of it
        fail("raised", repr(error))


if __name__ == "__main__":
    main()
