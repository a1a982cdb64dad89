"""`lindung user` and `lindung client`, as docs/access.md shows them; what they change is in the log."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import anyio
import httpx
import jwt
import pyotp
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from services.cli import main
from services.gateway.access.binding import write_proof
from services.gateway.access.oidc.mapping import load_mapping
from services.gateway.tables import AuditRow
from shared.crypto.keyfiles import new_signing_key
from shared.db.database import Database
from shared.settings import Settings
from tests.conftest import ROOT, MakeDeployment
from tests.registry.loopback import serving

TEXT = (ROOT / "docs" / "access.md").read_text(encoding="utf-8")
BLOCKS = dict.fromkeys(re.findall(r"^```(sh|toml|json)\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE))
PASSWORD = "empat gajah berbaris pelan"
CODE = r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}"


@pytest.fixture(scope="module")
def settings(make_deployment: MakeDeployment) -> Settings:
    return make_deployment("sqlite")


def lindung(settings: Settings, words: list[str], given: str = "") -> Result:
    own = {"LINDUNG_VAR": str(settings.var), "LINDUNG_PUBLIC_URL": settings.public_url}
    return CliRunner().invoke(main, words, given, own)


def block(language: str, part: str) -> str:
    (found,) = [text for kind, text in BLOCKS if kind == language and part in text]
    return found


def log_of(settings: Settings) -> list[tuple[str, str]]:
    async def read() -> list[tuple[str, str]]:
        database = Database(settings.database_url("gateway"))
        async with database.read() as session:
            rows = (await session.scalars(sa.select(AuditRow).order_by(AuditRow.number))).all()
        await database.close()
        return [(row.client_id, row.action) for row in rows if row.kind == "access"]

    return anyio.run(read)


def test_the_documents_commands_work_in_their_order_and_are_logged(settings: Settings, tmp_path: Path) -> None:
    lines = (block("sh", "client add") + block("sh", "user add")).replace(" desk-batam.pem", f" {tmp_path}/k.pem")
    before = len(log_of(settings))
    for line in lines.splitlines():
        done = lindung(settings, shlex.split(line)[1:])
        assert done.exit_code == 0, (line, done.output)
    steps = [step for client, step in log_of(settings)[before:] if client == "lindung"]
    assert steps == ["client_add", "client_cut", "user_add", "user_roles", "user_reset", "user_cut"]
    listed = json.loads(lindung(settings, ["user", "list", "--json"]).stdout)["users"]
    assert [(row["user"], row["state"], row["roles"]) for row in listed] == [
        ("o-1047", "cut off", ["auditor", "licensing_officer"])
    ]
    (client,) = json.loads(lindung(settings, ["client", "list", "--json"]).stdout)["clients"]
    assert (client["client"], client["bound"], client["active"]) == ("desk-batam", True, False)


ADD = ["user", "add", "e-1", "--name", "E", "--role", "auditor", "--member", "IDN", "--organisation", "O"]


def test_somebody_enrols_without_a_browser(settings: Settings) -> None:
    (code,) = set(re.findall(CODE, lindung(settings, ADD).stdout))
    weak = lindung(settings, ["user", "enrol", code], "password1234\npassword1234\n000000\n")
    assert (weak.exit_code, "guessed" in weak.stderr) == (1, True)
    (secret,) = re.findall(r"or type ([A-Z2-7]{32})", weak.stderr)
    typed = f"{PASSWORD}\n{PASSWORD}\n{{}}\n"
    assert lindung(settings, ["user", "enrol", code], typed.format("x")).exit_code == 1
    done = lindung(settings, ["user", "enrol", code, "--json"], typed.format(pyotp.TOTP(secret).now()))
    assert json.loads(done.stdout) == {"user": "e-1", "enrolled": True}
    assert PASSWORD not in done.output
    assert lindung(settings, ["user", "enrol", code], typed.format("x")).exit_code == 1
    assert log_of(settings)[-1] == ("lindung", "enrol")


@pytest.mark.parametrize(
    "words",
    [
        ADD,
        ["user", "reset", "nobody"],
        ["user", "cut", "nobody"],
        ["user", "roles", "nobody", "--role", "auditor"],
        [*ADD[:2], "e-3", *ADD[3:], "--role", "administrator"],
        ["user", "enrol", "AAAA-AAAA-AAAA-AAAA"],
        [*ADD[:2], "e-2", *ADD[3:6], "member_system", *ADD[7:]],
    ],
    ids=lambda words: " ".join(words[:3]),
)
def test_what_cannot_be_done_is_said_in_a_sentence(settings: Settings, words: list[str]) -> None:
    lindung(settings, ADD)
    done = lindung(settings, words)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("lindung: ")


@pytest.mark.parametrize("name", ["", "Siti", "oidc-1", "a b", "-a", "x" * 65])
def test_ids_are_plain_and_none_is_another_provider_s(settings: Settings, name: str) -> None:
    assert lindung(settings, [*ADD[:2], name, *ADD[3:]]).exit_code == 2


def test_the_documents_mapping_holds(tmp_path: Path) -> None:
    file = tmp_path / "mapping.toml"
    file.write_text(block("toml", "[[grant]]"))
    claims: dict[str, Any] = {"iss": "i", "sub": "s", "groups": ["lindung-licensing"]}
    assert load_mapping(file).person(claims).roles == ("licensing_officer",)


def test_the_documents_proof_has_the_claims_of_ours() -> None:
    told = json.loads(block("json", "htu").replace("\n", " "))
    proof = write_proof(new_signing_key(), "GET", told["htu"], "n", "t")
    assert jwt.decode(proof, options={"verify_signature": False}).keys() == told.keys()
    assert jwt.get_unverified_header(proof)["typ"] in TEXT


def test_a_bound_client_has_header_lines_for_one_request_and_no_bearer_token(make_deployment: MakeDeployment) -> None:
    line = block("sh", "lindung token").partition(" |")[0]
    with serving(make_deployment("sqlite")) as served:
        done = lindung(served.settings, [*shlex.split(line)[1:], "--url", served.url])
        assert done.exit_code == 0, done.output
        headers = dict(text.split(": ", 1) for text in done.stdout.splitlines()) | {"Lindung-Purpose": "licence_check"}
        assert headers.keys() == {"Authorization", "DPoP", "Lindung-Purpose"}
        assert [httpx.get(f"{served.url}/v1/parties", headers=headers).status_code for _ in "12"] == [200, 401]
        refused = lindung(served.settings, ["token", "--as", "licensing", "--url", served.url])
        assert (refused.exit_code, "bound" in refused.stderr) == (1, True)
        assert lindung(served.settings, ["token", "--as", "licensing-unbound", "--url", served.url]).exit_code == 0
