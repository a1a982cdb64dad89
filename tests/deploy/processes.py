"""Processes of the program, as containers would run them: their own environment, their own keys, their own log."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

LINDUNG: Final = [sys.executable, "-c", "from services.cli import main; main(prog_name='lindung')"]
READY_S: Final = 60.0
_POLL_S: Final = 0.1


def process_environment(image: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The whole environment: what compose sets, and what a process needs anywhere. The image's files come first."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "OMP_NUM_THREADS") if name in os.environ}
    return kept | {"PYTHONPATH": str(image), "PYTHONDONTWRITEBYTECODE": "1"} | dict(environment)


def run_once(image: Path, words: list[str], environment: Mapping[str, str], given: str = "") -> str:
    """Run one command of the program to its end; its standard output."""
    done = subprocess.run(
        [*LINDUNG, *words],
        cwd=image,
        env=process_environment(image, environment),
        input=given,
        capture_output=True,
        text=True,
        timeout=READY_S,
        check=False,
    )
    assert done.returncode == 0, f"lindung {' '.join(words)} ended with {done.returncode}:\n{done.stderr}"
    return done.stdout


@dataclass
class ServiceProcess:
    """One service: `words` start it, `url` is where it will answer."""

    name: str
    words: list[str]
    environment: Mapping[str, str]
    image: Path
    url: str
    log: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*LINDUNG, *self.words],
                cwd=self.image,
                env=process_environment(self.image, self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """As a power cut would: SIGKILL, nothing is finished."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)

    def ask_to_stop(self) -> None:
        """SIGTERM; does not wait."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def stop(self) -> None:
        """As `docker stop` would: SIGTERM, and an end of its own."""
        self.ask_to_stop()
        if self._process is not None:
            try:
                self._process.wait(25)
            except subprocess.TimeoutExpired:
                self.kill()

    def health(self) -> int:
        """Status of /health/ready; 0 when nobody answers."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.url}/health/ready", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    def wait_ready(self) -> None:
        deadline = time.monotonic() + READY_S
        while self.health() != 200:
            assert self._process is not None
            assert self._process.poll() is None, f"{self.name} ended by itself\n{self.tail()}"
            assert time.monotonic() < deadline, f"{self.name} is not ready\n{self.tail()}"
            time.sleep(_POLL_S)

    def text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def tail(self) -> str:
        """The end of its log: it holds no personal data, so it may be shown."""
        return f"--- {self.name}\n{self.text()[-3000:]}"
