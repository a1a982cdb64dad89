"""kill -9 in a loop while everything goes on: nobody acknowledged is lost, nobody removed is found, nothing crashes.

A few rounds by default; LINDUNG_CHAOS_SECONDS=300 makes it minutes.
"""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

SECONDS = float(os.environ.get("LINDUNG_CHAOS_SECONDS", "0"))
ROUNDS = 3
"""At least so many lives."""
pytestmark = pytest.mark.timeout(180 + 2 * SECONDS)


class Told:
    """What all lives so far have acknowledged."""

    def __init__(self):
        self.added, self.removed, self.lives, self.kept, self.full, self.from_snapshot = set(), set(), 0, 0, 0, 0

    def hear(self, line):
        word, *rest = line.split()
        if word == "ADDED":
            self.added.add(rest[0])
        elif word == "REMOVED":
            self.removed.add(rest[0])
        elif word == "START":
            wanted, from_snapshot, _ = map(int, rest)
            self.lives += 1
            self.from_snapshot += from_snapshot
            # The table may hold one more or one less than was acknowledged when the process was killed in between.
            known = len(self.added - self.removed)
            assert known - self.lives <= wanted <= known + self.lives
        elif word == "KEPT":
            self.kept += 1
        elif word == "FULL":
            self.full += 1
        else:
            pytest.fail(line)


def live(home, told, seed, sealed, full_disk, lines):
    """One life: started, heard for so many lines, killed."""
    command = [sys.executable, "-m", "tests.biometrics.index_chaos_child", home, str(seed), sealed, full_disk]
    child = subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, text=True)
    try:
        kept = told.kept + told.full
        for line in child.stdout:
            told.hear(line)
            lines -= 1
            if lines <= 0 and told.kept + told.full > kept:
                break
        child.send_signal(signal.SIGKILL)
        for line in child.stdout:  # what it said before it was killed counts; a last line may be cut off
            if line.endswith("\n"):
                told.hear(line)
    finally:
        child.kill()
        child.stdout.close()
        assert child.wait() == -signal.SIGKILL


def damage(home, chance):
    """Change one octet of one file of the snapshot."""
    files = sorted((home / "index").glob("*"))
    if files:
        file = chance.choice(files)
        octets = bytearray(file.read_bytes())
        octets[chance.randrange(len(octets))] ^= 1 << chance.randrange(8)
        file.write_bytes(octets)


@pytest.mark.parametrize("sealed", ["sealed", "mapped"])
def test_nobody_is_lost_whatever_is_killed(tmp_path, sealed):
    chance = random.Random(1)  # noqa: S311  seeded on purpose
    told, end = Told(), time.monotonic() + SECONDS / 2
    while told.lives < ROUNDS or time.monotonic() < end:
        full_disk = "full" if told.lives % 3 == 2 else "room"
        live(tmp_path, told, told.lives, sealed, full_disk, chance.randrange(1500, 3000))
        if told.lives % 2:
            damage(tmp_path, chance)
    print(f"\n{sealed}: {vars(told) | {'added': len(told.added), 'removed': len(told.removed)}}")  # noqa: T201  for whoever runs it for minutes
    assert len(told.added) > 1000
    assert told.kept
    assert told.from_snapshot
