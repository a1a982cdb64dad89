"""All commands of `lindung`."""

import os
from collections.abc import Mapping
from importlib import import_module
from keyword import iskeyword
from types import MappingProxyType
from typing import Final

import click

from shared.http.observation import configure_logging

COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "serve": "running",
        "desk": "desk",
        "migrate": "running",
        "keys": "keys",
        "openapi": "running",
        "models": "models",
        "client": "client",
        "user": "people",
        "token": "asking",
        "enrol": "enrol",
        "screen": "asking",
        "watch": "watching",
        "bridge": "bridge",
        "verify": "asking",
        "evaluate": "evaluate",
        "bench": "bench",
        "capacity": "capacity",
        "index": "index",
        "calibrate": "calibrate",
        "calibration": "calibrate",
        "import": "exchange",
        "export": "exchange",
        "audit": "audit",
        "evidence": "evidence",
        "ledger": "ledger",
        "member": "membership",
        "secretariat": "membership",
        "documents": "documents",
        "agencies": "agencies",
        "redflags": "red_flags",
        "demo": "demo",
    }
)
"""Each command and the module beside this one that holds it."""


_LIBRARIES_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""Read when numpy and faiss are loaded, with a command. One thread a computation: there are many at once."""


class _CommandsByName(click.Group):
    """Loads a command's module when it is asked for, so that none waits for another's engines."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Names, in the order in which one meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        for variable in _LIBRARIES_THREADS:
            os.environ.setdefault(variable, "1")
        name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = getattr(import_module(f"services.cli.{COMMANDS[cmd_name]}"), name)
        return command


@click.group(cls=_CommandsByName, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="lindung")
def main() -> None:
    """Lindung shelters migrant workers: registration, screening, verification.

    Every command has --help with an example and --json. Exit code 0: done; 1: a finding or a failure; 2: wrong usage.
    Settings are environment variables LINDUNG_*; data lies under LINDUNG_VAR (default: var/).
    """
    configure_logging("error")  # on standard error; a server that is started says more
