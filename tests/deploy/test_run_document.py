"""docs/run.md says what is so: its settings, its commands, its files."""

import re
import shlex

import click
import pytest

from services.cli import main
from shared.settings import Settings
from tests.deploy.composition import ROOT, read_services

TEXT = (ROOT / "docs" / "run.md").read_text(encoding="utf-8")
PREFIX = Settings.model_config["env_prefix"]
ROWS = dict(re.findall(r"^\| `(LINDUNG_\w+)` \| (.+?) \|", TEXT, re.MULTILINE))
BLOCKS = "\n".join(re.findall(r"^```sh\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)).replace("\\\n", " ")
COMMANDS = sorted(
    set(re.findall(r"\blindung ((?:serve|keys|migrate|enrol|screen|client|audit) ?.*)$", BLOCKS, re.MULTILINE))
)


def test_the_table_of_settings_is_whole():
    assert set(ROWS) == {PREFIX + name.upper() for name in Settings.model_fields}


def test_defaults_are_those_of_the_program():
    for name, field in Settings.model_fields.items():
        told = ROWS[PREFIX + name.upper()]
        if told.startswith("`") and "VAR" not in told:
            assert told.strip("`") == str(field.default)
        else:
            assert field.default is None


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_can_be_parsed(line: str):
    words = shlex.split(re.sub(r" [<|&].*$", "", line), comments=True)
    command: click.Command = main
    while isinstance(command, click.Group):
        name, found, words = command.resolve_command(click.Context(command), words)
        assert found is not None, name
        command = found
    files = [option.name for option in command.params if isinstance(option.type, click.Path) and option.type.exists]
    known = {param.name for param in command.params}
    given = {word.removeprefix("--").replace("-", "_") for word in words if word.startswith("--")}
    assert given <= known | {"as", "finger"}
    if not files:
        command.make_context(line, words)


def test_commands_are_found_in_the_document():
    assert len(COMMANDS) >= 9


def test_who_gets_which_file():
    columns = ("gateway", "registry", "biometrics", "migrate")
    rows = re.findall(r"^\| `([\w.-]+)` \| [^|]+ \|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$", TEXT, re.MULTILINE)
    told = {column: {row[0] for row in rows if row[n].strip() == "yes"} for n, column in enumerate(columns, 1)}
    granted = {name: set(service.secrets) for name, service in read_services().items()}
    assert told == {column: granted[column] for column in columns}
    assert granted["postgres"] == granted["migrate"]


def test_files_that_are_named_exist():
    named = set(re.findall(r"`((?:deploy|tests|services)/[\w./-]+)`", TEXT))
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
