"""What a command prints: one JSON object, or words; and how it ends."""

import json
import sys
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final, NoReturn, TypeVar

import anyio
import click
import httpx

from services.cli.connection import RefusedError
from services.cli.preparation import DeploymentBusyError

T = TypeVar("T")

FOUND = 1
"""Exit code of a command that found something or could not do what was asked."""

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
url_option = click.option(
    "--url", envvar="LINDUNG_URL", help="The gateway's address; default: the server of this folder."
)

_AS_SERVED: Final = {"use_uvloop": sys.platform != "win32"}
"""The event loop that uvicorn takes too: what a command does in process is as fast as what is served."""


def run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a command's work; say what went wrong in a sentence, never in a stack."""
    try:
        return anyio.run(work, backend_options=_AS_SERVED)
    except RefusedError as error:
        errors = "".join(f"\n  {item['pointer']}: {item['detail']}" for item in error.problem.get("errors") or ())
        fail(f"{error}{errors}")
    except DeploymentBusyError as error:
        fail(f"{error}, and does not say where it listens; name it with --url")
    except httpx.TransportError as error:
        fail(f"the gateway does not answer ({type(error).__name__})")
    except OSError as error:
        fail(str(error))


def fail(message: str) -> NoReturn:
    """End with a message on standard error."""
    click.echo(f"lindung: {message}", err=True)
    raise SystemExit(FOUND)


def show_json(document: Mapping[str, Any]) -> None:
    """One object on standard output, names in their own script."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
