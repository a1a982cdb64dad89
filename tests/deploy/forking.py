"""Starts `lindung serve` again and again: what it imports is imported once, each start is a fork in its own group.

Run as a program with the arguments of `lindung`: each line on standard input starts it, the answer is its process id;
once that has ended, whoever killed it, the answer is its exit code. A third of a start's time is saved, and nothing of
what a start does: models, keys, schema and memory are loaded by the fork.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from tests.deploy.processes import process_environment


class Starter:
    """The program that starts the program; `log` takes what each of them says."""

    def __init__(self, image: Path, words: list[str], environment: Mapping[str, str], log: Path) -> None:
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.deploy.forking", *words],
                cwd=image,
                env=process_environment(image, environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def start(self) -> int:
        """Start a process; its id, which is that of its group too."""
        assert self._process.stdin is not None
        print(file=self._process.stdin, flush=True)
        return self._read()

    def reap(self) -> int:
        """Wait for the process to end; its exit code, negative for a signal."""
        return self._read()

    def close(self) -> None:
        with self._process:
            self._process.terminate()

    def _read(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


def _become(words: list[str]) -> NoReturn:
    from services.cli import main

    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    main(words, prog_name="lindung")
    raise SystemExit


def _serve_starts(words: list[str]) -> None:
    import services.cli.running
    import services.standalone  # noqa: F401  this is what takes the time

    for _ in sys.stdin:
        if (process := os.fork()) == 0:
            _become(words)
        _say(process)
        _say(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _serve_starts(sys.argv[1:])
