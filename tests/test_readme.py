"""The README's five requests, run by bash as they stand there, against a server that is started for it."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
FLOWING = " ".join(README.split())
"""The README without its line breaks."""
START_S = 90.0


def _block() -> str:
    (block,) = re.findall(r"^```bash\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return str(block)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_S
    with httpx.Client(trust_env=False) as client:
        while time.monotonic() < end and process.poll() is None:
            try:
                if client.get(f"{address}/health/ready", timeout=10).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
    pytest.fail("the server did not start")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What the reader's shell has: a served folder, its address, and a curl that fails when the server refuses."""
    folder, address = tmp_path_factory.mktemp("readme"), f"http://127.0.0.1:{_free_port()}"
    (folder / ".curlrc").write_text("fail-with-body\nsilent\nshow-error\n")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LINDUNG_")}
    environment = inherited | {
        "LINDUNG_VAR": str(folder / "var"),
        "LINDUNG_PUBLIC_URL": address,
        "ADDRESS": address,
        "CURL_HOME": str(folder),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "NO_PROXY": "*",
    }
    command = [sys.executable, "-m", "services.cli", "serve", "--port", address.rpartition(":")[2]]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            _wait(address, process)
            yield environment
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture(scope="module")
def answers(environment: dict[str, str]) -> list[dict[str, Any]]:
    assert shutil.which("curl"), "this test needs curl, as the README's reader does"
    script = f"set -euo pipefail\n{_block()}"
    done = subprocess.run(
        ["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return _documents(done.stdout)


def _documents(text: str) -> list[dict[str, Any]]:
    """JSON objects that stand one after the other."""
    decoder, documents, rest = json.JSONDecoder(), [], text.strip()
    while rest:
        document, end = decoder.raw_decode(rest)
        documents.append(document)
        rest = rest[end:].lstrip()
    return documents


def test_there_are_five_requests_and_five_answers(answers: list[dict[str, Any]]) -> None:
    assert len(re.findall(r"^ask ", _block(), re.MULTILINE)) == 5
    assert len(answers) == 5


def test_the_company_and_its_case_are_recorded(answers: list[dict[str, Any]]) -> None:
    company, case, *_ = answers
    assert (company["id"], company["caption"]) == ("contoh", "Contoh Jaya Sdn Bhd")
    assert (case["status"], case["proven"]) == ("CONVICTED_FINAL", True)


def test_screening_finds_it_with_what_the_readme_says(answers: list[dict[str, Any]]) -> None:
    answer = answers[2]
    (result,) = answer["responses"]["1"]["results"]
    assert (result["id"], result["match"]) == ("contoh", True)
    assert f'"status_label": "{result["status_label"]}"' in FLOWING
    assert answer["members_asked"] == ["IDN"]


def test_the_worker_is_registered_and_listed(answers: list[dict[str, Any]]) -> None:
    registration, page = answers[3:]
    assert (registration["state"], registration["progress"]) == ("PROVISIONAL", "CHECKED")
    assert f'"missing": {json.dumps(registration["missing"])}' in FLOWING
    assert page["items"][0]["registration"] == registration["registration"]


def test_the_address_in_the_readme_is_the_default() -> None:
    assert "${ADDRESS:-http://127.0.0.1:8000}" in _block()
