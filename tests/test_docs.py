"""Words kept true: help of every command, commands and settings named in the documents, links between them."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from services.cli.program import main
from shared.settings import Settings
from tests.conftest import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
EXAMPLE = "Example: "
OPTION = re.compile(r"--[a-z][a-z-]*")
FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
SETTINGS_OF_TOOLS = {
    "LINDUNG_URL",
    "LINDUNG_DATA",
    "LINDUNG_TEST_POSTGRES_URL",
    "LINDUNG_ORACLE_PYTHON",
    "LINDUNG_SCREENSHOTS",
}
"""Read by commands and tests, not by a service."""


@dataclass(frozen=True)
class Command:
    path: tuple[str, ...]
    command: click.Command

    @property
    def options(self) -> set[str]:
        return {"--help", "--version", *(option for each in self.command.params for option in each.opts)}


def _commands(group: click.Group = main, above: tuple[str, ...] = ()) -> Iterator[Command]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        yield Command((*above, name), command)
        if isinstance(command, click.Group):
            yield from _commands(command, (*above, name))


COMMANDS = {each.path: each for each in _commands()}


def _find(words: list[str]) -> Command | None:
    """The command that words after `lindung` call, the longest path first."""
    return next((COMMANDS[tuple(words[:n])] for n in (2, 1) if tuple(words[:n]) in COMMANDS), None)


def _called(text: str) -> Iterator[list[str]]:
    """What follows each `lindung` that stands for the program, as words."""
    text = text.replace("\\\n", " ")
    for found in re.finditer(r"(?:^|[\s(/`])lindung ((?!lindung)[a-z][^\n)|;#]*)", text, re.MULTILINE):
        try:
            yield shlex.split(found.group(1).replace("…", ""))
        except ValueError:
            yield found.group(1).split()


def _code(document: Path) -> str:
    """The fenced blocks and code spans of a document, each on its own lines."""
    text = document.read_text(encoding="utf-8")
    return "\n".join([*FENCE.findall(text), *CODE.findall(FENCE.sub("", text))])


def _title(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: " ".join(command.path))
def test_help_says_what_it_does_and_gives_an_example(command: Command) -> None:
    context = click.Context(command.command, info_name=" ".join(command.path))
    text = " ".join(command.command.get_help(context).split())
    assert command.command.help
    examples = [example for example in text.split(EXAMPLE)[1:] if "lindung " in example]
    assert examples
    for words in (words for example in examples for words in _called(f" {example}")):
        _assert_exists(words)


def _assert_exists(words: list[str]) -> None:
    found = _find(words)
    assert found, f"no command: lindung {' '.join(words)}"
    known = found.options
    assert [word for word in words if OPTION.fullmatch(word) and word not in known] == [], " ".join(words)


@pytest.mark.parametrize("document", DOCUMENTS, ids=_title)
def test_commands_in_documents_exist(document: Path) -> None:
    for words in _called(_code(document)):
        _assert_exists(words)


def test_make_targets_in_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        (_title(document), target)
        for document in DOCUMENTS
        for target in re.findall(r"(?:^|\s)make ([a-z]+)", _code(document), re.MULTILINE)
    }
    assert {target for _, target in named} >= {"demo", "test", "check"}
    assert [each for each in named if each[1] not in targets] == []


def test_settings_in_documents_exist_and_all_are_told() -> None:
    known = {f"LINDUNG_{name.upper()}" for name in Settings.model_fields}
    text = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    named = set(re.findall(r"\bLINDUNG_[A-Z_]*[A-Z]\b", text))
    assert named - known - SETTINGS_OF_TOOLS == set()
    assert known - named == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=_title)
def test_links_lead_somewhere(document: Path) -> None:
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    broken = [link for link in LINK.findall(text) if not link.startswith("urn:") and not _resolves(document, link)]
    assert broken == []


def _resolves(document: Path, link: str) -> bool:
    if "://" in link:
        return True
    path, _, anchor = link.partition("#")
    target = (document.parent / path).resolve() if path else document
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    return not anchor or anchor in _anchors(target)


def _anchors(document: Path) -> set[str]:
    """The headings' anchors, as the usual Markdown viewers make them."""
    headings = HEADING.findall(FENCE.sub("", document.read_text(encoding="utf-8")))
    plain = (re.sub(r"[^\w\- ]", "", heading.replace("`", "")).strip().lower() for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


def test_decisions_are_numbered_without_gaps_and_all_listed() -> None:
    decisions = sorted(path.name for path in (ROOT / "docs" / "adr").glob("[0-9]*.md"))
    assert [name[:4] for name in decisions] == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    listed = LINK.findall((ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8"))
    assert set(decisions) <= set(listed)


def test_decisions_named_in_the_code_exist() -> None:
    named = {
        number
        for folder in ("services", "shared", "migrations")
        for path in (ROOT / folder).rglob("*.py")
        for number in re.findall(r"docs/adr/(\d{4})", path.read_text(encoding="utf-8"))
    }
    assert [number for number in sorted(named) if not list((ROOT / "docs" / "adr").glob(f"{number}-*.md"))] == []
