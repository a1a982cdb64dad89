"""docker-compose.yml as the tests read it, and the files that the image would hold."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).resolve().parents[2]
_VARIABLE: Final = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def interpolate(text: str) -> str:
    """What compose makes of a value where no variable is set: `${X:-default}`; `${X:?message}` is refused.

    Raises:
        KeyError: a variable must be set.
    """

    def value(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        if kind == "?":
            raise KeyError(f"{name}: {rest}")
        return rest or ""

    return _VARIABLE.sub(value, text)


@dataclass(frozen=True)
class Composed:
    """One service of the compose file."""

    name: str
    document: Mapping[str, Any]

    @property
    def environment(self) -> dict[str, str]:
        return {name: interpolate(str(value)) for name, value in self.document.get("environment", {}).items()}

    @property
    def command(self) -> list[str]:
        return [interpolate(part) for part in self.document.get("command", [])]

    @property
    def secrets(self) -> dict[str, str]:
        """Source by file name under /run/secrets."""
        return {secret["target"]: secret["source"] for secret in self.document.get("secrets", [])}

    @property
    def waits_for(self) -> dict[str, str]:
        return {name: rule["condition"] for name, rule in self.document.get("depends_on", {}).items()}


def read_document() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def read_services() -> dict[str, Composed]:
    return {name: Composed(name, document) for name, document in read_document()["services"].items()}


def copied_sources() -> list[str]:
    """What the Dockerfile copies from the repository into the image, in its words."""
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copies = [line.split()[1:] for line in lines if line.startswith("COPY ") and "--from" not in line]
    return [source for words in copies for source in words[:-1]]


def lay_out_image(folder: Path) -> Path:
    """The image's /app without its virtual environment: what the Dockerfile copies, compiled, and nothing else."""
    for source in copied_sources():
        here, there = ROOT / source, folder / source
        there.parent.mkdir(parents=True, exist_ok=True)
        if here.is_dir():
            shutil.copytree(here, there, ignore=shutil.ignore_patterns("*.pyc.*"))  # what somebody is compiling now
        elif here.exists():
            shutil.copy(here, there)
    return folder
