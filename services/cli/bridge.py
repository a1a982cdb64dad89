"""A way in for programs that cannot send headers, such as OpenRefine: this machine only, as one local client."""

import json
from typing import Any, Final

import click
import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.cli.connection import Api, Identity, RefusedError, connect
from services.cli.console import run, url_option
from shared.contracts.caller import Purpose
from shared.http.problems import MEDIA_TYPE, problem_of_status, problem_response
from shared.settings import Settings

_OPENREFINE: Final = ("http://127.0.0.1:3333", "http://localhost:3333")
_ROOMS: Final = frozenset({"reconcile", "match", "search", "entities", "catalog", "algorithms", "healthz", "readyz"})
_PARTS: Final = ("view", "preview", "suggest", "extend")
"""Parts of a reconciliation manifest that name addresses; the identifier space is a name and stays."""

_KEPT: Final = ("content-type",)


class Bridge:
    """Passes requests on with a token and a purpose.

    Args:
        api: the gateway.
        identity: as whom, and why.
        port: where it listens, on this machine.
        origins: web pages that may use it.
    """

    def __init__(self, api: Api, identity: Identity, port: int, origins: tuple[str, ...]) -> None:
        self._api = api
        self._identity = identity
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._here = f"http://127.0.0.1:{port}"
        self._origins = frozenset(origins)

    async def answer(self, request: Request) -> Response:
        """One request; another page's, and another name's for this machine, are refused."""
        origin = request.headers.get("origin")
        foreign = origin is not None and origin not in self._origins
        if foreign or request.headers.get("host") not in self._hosts:
            return problem_response(problem_of_status(403, "the bridge serves this machine's own programs"))
        if request.url.path.split("/")[1] not in _ROOMS:
            return problem_response(problem_of_status(404))
        answer = await self._pass(request)
        if origin is not None:
            answer.headers["Access-Control-Allow-Origin"] = origin
            answer.headers["Vary"] = "Origin"
        return answer

    async def _pass(self, request: Request) -> Response:
        options: dict[str, Any] = {"params": list(request.query_params.multi_items())}
        if request.method == "POST":
            options["content"] = await request.body()
            options["headers"] = {"content-type": request.headers.get("content-type", "application/json")}
        path = request.scope["raw_path"].decode("ascii", "replace")
        try:
            answer = await self._api.ask(self._identity, request.method, path, **options)
        except RefusedError as error:
            return JSONResponse(dict(error.problem), error.status, media_type=MEDIA_TYPE)
        except httpx.TransportError:
            return problem_response(problem_of_status(503, "the gateway does not answer"))
        kept = {name: answer.headers[name] for name in _KEPT if name in answer.headers}
        return Response(self._here_instead(answer), answer.status_code, kept)

    def _here_instead(self, answer: httpx.Response) -> bytes:
        """A manifest with this address in place of the gateway's; anything else as it is."""
        if not answer.headers.get("content-type", "").startswith("application/json"):
            return answer.content
        document = answer.json()
        space = document.get("identifierSpace") if isinstance(document, dict) else None
        if not isinstance(space, str) or "versions" not in document:
            return answer.content
        there = space.removesuffix("/entities/")
        for part in _PARTS:
            document[part] = json.loads(json.dumps(document[part]).replace(there, self._here))
        return json.dumps(document).encode()


@click.command(epilog="Example: lindung bridge --as licensing --port 8070")
@click.option("--port", type=click.IntRange(1, 65535), default=8070, show_default=True)
@click.option("--as", "client", default="licensing", show_default=True, help="Local client.")
@click.option(
    "--origin", "origins", multiple=True, default=_OPENREFINE, help="Web pages that may use it; OpenRefine's."
)
@url_option
def bridge(port: int, client: str, origins: tuple[str, ...], url: str | None) -> None:
    """Let OpenRefine and other programs of this machine screen as a local client, for a licence check.

    In OpenRefine add the service http://127.0.0.1:8070/reconcile/default. Everybody on this machine can ask while it
    runs; every question is logged as the client's.
    """

    async def work() -> None:
        async with connect(Settings(), url) as api:
            passing = Bridge(api, Identity(client, Purpose.LICENCE_CHECK), port, origins)
            app = Starlette(routes=[Route("/{path:path}", passing.answer, methods=["GET", "POST"])])
            click.echo(f"http://127.0.0.1:{port}/reconcile/default (stop with Ctrl-C)", err=True)
            config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False)
            await uvicorn.Server(config).serve()

    run(work)
