"""`lindung screen --batch`, `lindung watch` and `lindung bridge`, as another program calls them."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from starlette.applications import Starlette
from starlette.routing import Route

from services.cli.bridge import Bridge
from services.cli.connection import Api, Identity
from services.cli.program import main
from shared.contracts.caller import Purpose
from tests.conftest import MakeDeployment
from tests.registry.loopback import Served, serving

BORN = {"birthDate": "1980-02-03", "nationality": "LA"}


class Shell:
    """Runs commands against a server."""

    def __init__(self, served: Served, folder: Path) -> None:
        self.served = served
        self.folder = folder
        settings = served.settings
        self.runner = CliRunner(
            env={"LINDUNG_VAR": str(settings.var), "LINDUNG_URL": served.url, "LINDUNG_PUBLIC_URL": settings.public_url}
        )

    def json(self, code: int, *arguments: str) -> dict[str, Any]:
        done = self.runner.invoke(main, [*arguments, "--json"])
        assert done.exit_code == code, done.output
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


@pytest.fixture(scope="module")
def shell(make_deployment: MakeDeployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with pytest.MonkeyPatch.context() as patch, serving(make_deployment("sqlite")) as served:
        patch.setattr("services.registry.screening.sweeping._EVERY_S", 0.1)
        served.party("c-agency", "Company", name="Delima Murni Agency", country="my")
        served.party("c-person", "Person", name="Somsanouk Vongphachanh", **BORN)
        yield Shell(served, tmp_path_factory.mktemp("screening"))


def test_a_file_is_screened_and_a_run_that_broke_off_goes_on(shell: Shell) -> None:
    asked, out = shell.folder / "asked.csv", shell.folder / "result.csv"
    asked.write_text(
        "reference,schema,name,birthDate,nationality\n"
        "1,Person,Somsanouk Vongphachanh,1980-02-03,LA\n2,,Nobody Of That Name,,\n"
    )
    done = shell.json(1, "screen", "--batch", str(asked), "--out", str(out))
    assert (done["rows"], done["matches"], done["state"]) == (2, 1, "done")
    rows = list(csv.DictReader(io.StringIO(out.read_text(), newline="")))
    assert [(row["reference"], row["outcome"], row["party"]) for row in rows] == [
        ("1", "match", "c-person"),
        ("2", "none", ""),
    ]
    note = out.with_name("result.csv.batch")
    assert not note.exists()
    digest = hashlib.sha256(asked.read_bytes()).hexdigest()
    note.write_text(json.dumps({"id": done["id"], "digest": digest}))  # as if killed before the result was written
    out.unlink()
    assert shell.json(1, "screen", "--batch", str(asked), "--out", str(out))["id"] == done["id"]
    assert out.exists()
    wrong = shell.runner.invoke(main, ["screen", "x", "--batch", str(asked)])
    assert wrong.exit_code == 2


def test_watches_tell_what_changed(shell: Shell) -> None:
    party = shell.json(0, "watch", "add", "--party", "c-agency", "--label", "ours")
    query = shell.json(0, "watch", "add", "Delima Putih Agency", "--schema", "Company", "--country", "MY")
    assert (party["hits"], query["query"]["properties"]["country"]) == (1, ["MY"])
    assert {each["id"] for each in shell.json(0, "watch", "list")["watches"]} == {party["id"], query["id"]}
    before = shell.json(0, "watch", "changes")["next"]

    shell.served.party("c-agency", "Company", name="Delima Murni Recruitment", country="my")
    shell.served.party("c-white", "Company", name="Delima Putih Agency", country="my")
    expected = {(party["id"], "c-agency", "party_changed"), (query["id"], "c-white", "new_hit")}
    changed: set[tuple[str, str, str]] = set()
    for _ in range(200):  # the service looks again and again
        told = shell.json(0, "watch", "changes", "--after", str(before))
        changed |= {(each["watch"], each["party"], each["kind"]) for each in told["results"]}
        before = told["next"]
        if expected <= changed:
            break
    assert expected <= changed
    assert shell.json(0, "watch", "changes", "--after", str(told["next"]))["results"] == []
    assert shell.json(0, "watch", "remove", query["id"]) == {"removed": query["id"]}
    assert shell.json(0, "watch", "list")["watches"][0]["label"] == "ours"
    assert shell.runner.invoke(main, ["watch", "remove", query["id"]]).exit_code == 1
    assert shell.runner.invoke(main, ["watch", "add"]).exit_code == 2


@pytest.mark.anyio
async def test_the_bridge_lets_openrefine_in_and_other_pages_not(shell: Shell) -> None:
    there = shell.served.url
    async with httpx.AsyncClient(base_url=there, timeout=60) as http:
        api = Api(http, shell.served.settings)
        bridge = Bridge(api, Identity("licensing", Purpose.LICENCE_CHECK), 8070, ("http://127.0.0.1:3333",))
        app = Starlette(routes=[Route("/{path:path}", bridge.answer, methods=["GET", "POST"])])
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8070") as refine:
            manifest = (await refine.get("/reconcile/default")).json()
            assert manifest["suggest"]["entity"]["service_url"] == "http://127.0.0.1:8070/reconcile/default"
            assert manifest["preview"]["url"].startswith("http://127.0.0.1:8070/")
            assert manifest["identifierSpace"] == f"{there}/entities/"
            form = {"queries": json.dumps({"q0": {"query": "Anybody"}})}
            assert (await refine.post("/reconcile/default", data=form)).json() == {"q0": {"result": []}}
            page = {"Origin": "http://127.0.0.1:3333"}
            suggested = await refine.get("/reconcile/default/suggest/type", params={"prefix": "person"}, headers=page)
            assert suggested.headers["access-control-allow-origin"] == page["Origin"]
            assert suggested.json()["result"]
            refused = [
                await refine.get("/reconcile/default", headers={"Origin": "https://elsewhere.example"}),
                await refine.get("/reconcile/default", headers={"Host": "elsewhere.example"}),
            ]
            assert [answer.status_code for answer in refused] == [403, 403]
            assert (await refine.get("/v1/parties")).status_code == 404
            assert (await refine.get("/entities/nobody")).status_code == 404
            bad = await refine.post("/reconcile/default", data={"queries": "{"})
            assert (bad.status_code, bad.headers["content-type"]) == (422, "application/problem+json")
