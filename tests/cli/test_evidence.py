"""Evidence packages: made from a case's record, verified from the file alone; whatever was touched is named."""

import base64
import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cli.program import main
from services.gateway.audit.entries import Outcome
from services.gateway.audit.log import AuditLog
from services.gateway.evidence.container import MANIFEST, SIGNATURE, read_container, write_container
from services.gateway.evidence.package import CONTEXT, Part, Subject, make_package
from services.gateway.evidence.verification import LOG, WHOLE, Found, verify_package
from services.gateway.federation.directory import sign_document
from services.registry.app import create_app
from shared.contracts.caller import Caller, Purpose, Role
from shared.contracts.evidence import EvidenceKind, Manifest, PartRole
from shared.contracts.membership import Directory, MemberEntry, PublicKey, Root
from shared.crypto.detached import sign, verify
from shared.crypto.keyfiles import new_signing_key, public_jwk
from shared.db.database import Database
from shared.http.tokens import CallerSigner
from shared.settings import Settings
from tests.conftest import MakeDeployment
from tests.registry.door import RegistryDoor, a_case

VERDICT = b"%PDF-1.7 In the name of the people"
TRANSLATED = b"Atas nama rakyat"
DIGEST = hashlib.sha256(VERDICT).hexdigest()
OTHER = "0" * 64


@dataclass(frozen=True)
class Deployed:
    settings: Settings
    folder: Path
    entry: MemberEntry

    def run(self, *words: str) -> Result:
        env = {"LINDUNG_VAR": str(self.settings.var), "LINDUNG_MEMBER": "IDN"}
        return CliRunner().invoke(main, ["evidence", *words], env=env)

    def file(self, name: str, content: bytes) -> str:
        path = self.folder / name
        path.write_bytes(content)
        return str(path)


async def _fill(settings: Settings) -> None:
    """A case with a verdict and a sanction's decision, and three looks at it."""
    app = create_app(settings)
    signer = CallerSigner("gateway", (settings.key_folder / "gateway-signing.pem").read_bytes())
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://r") as client:
        door = RegistryDoor(client, signer)
        await door.party("agency-7", "Company", name="Sinar Teduh")
        await door.tell("/v1/cases/C-17", a_case("agency-7", "charged"))
        await door.tell("/v1/cases/C-17", a_case("agency-7", "on_trial"))
        sanction = {"kind": "criminal", "measure": "fine", "document_digest": OTHER}
        body = {"document_digest": DIGEST, "authority": "District court", "sanctions": [sanction]}
        await door.tell("/v1/cases/C-17", a_case("agency-7", "convicted", **body))
        await door.tell("/v1/cases/C-18", a_case("agency-7", "charged"))
        await door.tell("/v1/cases/C-18", a_case("agency-7", "dismissed"))
        await door.party("agency-8", "Company", "MYS", name="Elsewhere")
        await door.tell("/v1/cases/C-19", a_case("agency-8", "charged"), "MYS")
    database = Database(settings.database_url("gateway"))
    log = AuditLog(database, base64.b64decode((settings.key_folder / "gateway-digest.key").read_text()))
    caller = Caller(
        client_id="registrar", organisation="Ministry", member="IDN", role=Role.REGISTRAR,
        purpose=Purpose.REGISTER_MAINTENANCE,
    )  # fmt: skip
    for subject in ("/v1/cases/C-17", "/v1/cases/C-18", "/v1/parties/agency-7", "/v1/cases/C-17/corrections"):
        await log.append(caller, "party", "write", subject.encode())
    await log.append(caller, "party", "list", [b"/v1/cases/C-17"], Outcome.SHOWN)
    await database.close()


@pytest.fixture(scope="module")
def deployed(make_deployment: MakeDeployment, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    settings = make_deployment("sqlite").model_copy(update={"member": "IDN"})
    anyio.run(_fill, settings)
    log_key = public_jwk((settings.key_folder / "gateway-signing.pem").read_bytes(), "gateway")
    entry = MemberEntry(
        member="IDN", name="Indonesia", address="https://lindung.idn.example", asks=[], answers=[],
        keys=[PublicKey.model_validate(public_jwk(new_signing_key(), "1"))],
        log_key=PublicKey.model_validate(log_key), agreement="Agreement", contact="duty",
    )  # fmt: skip
    return Deployed(settings, tmp_path_factory.mktemp("evidence"), entry)


@pytest.fixture(scope="module")
def packed(deployed: Deployed) -> bytes:
    """The package of a case, as the command makes it."""
    target = deployed.folder / "C-17.zip"
    done = deployed.run(
        "package", "C-17", "--request", "MLA 12/2026", "--document", deployed.file("verdict (1).pdf", VERDICT),
        "--translation", "verdict (1).pdf", "id", deployed.file("verdict-id.txt", TRANSLATED), "-o", str(target),
        "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"file": str(target), "subject": "C-17", "size": target.stat().st_size}
    return target.read_bytes()


def faults(found: Found) -> set[tuple[str, str]]:
    return {(fault.part, fault.reason) for fault in found.faults}


def test_a_package_holds_and_says_what_is_in_it(deployed: Deployed, packed: bytes) -> None:
    told = verify_told(deployed, packed, 0)
    assert (told["ok"], told["faults"]) == (True, [])
    manifest = Manifest.model_validate(told["manifest"])
    assert (manifest.member, manifest.kind, manifest.subject, manifest.request) == (
        "IDN",
        "case",
        "C-17",
        "MLA 12/2026",
    )
    assert [(part.path, part.role.value, part.translates, part.language) for part in manifest.parts] == [
        ("documents/verdict__1_.pdf", "document", None, None),
        ("log.json", "log", None, None),
        ("record.json", "record", None, None),
        ("translations/verdict-id.txt", "translation", "documents/verdict__1_.pdf", "id"),
    ]
    assert [(each.sha256, each.authority, each.part) for each in manifest.named] == [
        (DIGEST, "District court", "documents/verdict__1_.pdf"), (OTHER, None, None),
    ]  # fmt: skip
    did = [(each["organisation"], each["action"], each["outcome"]) for each in told["custody"]]
    assert did[:3] == [("Ministry", "write", "admitted")] * 2 + [("Ministry", "list", "shown")]
    assert set(did[3:]) == {("evidence", "read", "admitted")}, "packing is a look too"
    parts = read_container(packed)
    assert parts is not None
    record = json.loads(parts["record.json"])
    assert (record["case"]["stage"], [each["content"]["stage"] for each in record["versions"]]) == (
        "convicted", ["charged", "on_trial", "convicted"],
    )  # fmt: skip
    assert write_container(parts) == packed
    words = deployed.run("verify", deployed.file("p.zip", packed), "--member", trusted(deployed, deployed.entry))
    assert words.exit_code == 0
    assert words.output.endswith("holds\n")
    assert "named by the record, not here" in words.output


def trusted(deployed: Deployed, trust: MemberEntry | Root) -> str:
    return deployed.file("trust.json", trust.model_dump_json().encode())


def verify_told(deployed: Deployed, octets: bytes, exit_code: int) -> dict[str, Any]:
    done = deployed.run(
        "verify", deployed.file("p.zip", octets), "--member", trusted(deployed, deployed.entry), "--json"
    )
    assert done.exit_code == exit_code, done.output
    return dict(json.loads(done.stdout))


def test_what_was_touched_is_named_and_the_command_ends_with_1(deployed: Deployed, packed: bytes) -> None:
    altered = packed.replace(VERDICT, VERDICT.replace(b"people", b"PEOPLE"))
    told = verify_told(deployed, altered, 1)
    assert told["ok"] is False
    assert {"part": "documents/verdict__1_.pdf", "reason": "altered"} in told["faults"]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_octet_can_be_changed(deployed: Deployed, packed: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(packed) - 1))
    by = data.draw(st.integers(1, 255))
    found = verify_package(packed[:at] + bytes([packed[at] ^ by]) + packed[at + 1 :], deployed.entry)
    assert found.faults
    for part, content in (read_container(packed) or {}).items():
        start = packed.index(content)
        if start <= at < start + len(content):
            assert {fault.part for fault in found.faults} & {part, SIGNATURE if part == MANIFEST else part}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_nothing_can_be_cut_out_put_in_or_appended(deployed: Deployed, packed: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(packed)))
    end = data.draw(st.integers(start, len(packed)))
    put = data.draw(st.binary(max_size=20))
    changed = packed[:start] + put + packed[end:]
    if changed != packed:
        assert verify_package(changed, deployed.entry).faults


def test_every_part_that_is_dropped_added_or_exchanged_is_named(deployed: Deployed, packed: bytes) -> None:
    parts = read_container(packed) or {}
    for path in parts:
        dropped = write_container({name: content for name, content in parts.items() if name != path})
        assert (path, "missing") in faults(verify_package(dropped, deployed.entry)), path
        other = write_container(parts | {path: b"something else"})
        named = {part for part, _ in faults(verify_package(other, deployed.entry))}
        assert path in named, path
    added = write_container(parts | {"documents/more.pdf": b"more"})
    assert faults(verify_package(added, deployed.entry)) == {("documents/more.pdf", "added")}
    assert faults(verify_package(b"PK", deployed.entry)) == {(WHOLE, "not-a-package")}
    assert (WHOLE, "altered") in faults(verify_package(packed + b"\0", deployed.entry)) or faults(
        verify_package(packed + b"\0", deployed.entry)
    ) == {(WHOLE, "not-a-package")}


def test_a_manifest_that_somebody_else_signed_or_a_log_that_is_anothers_does_not_hold(
    deployed: Deployed, packed: bytes
) -> None:
    parts, stranger = read_container(packed) or {}, new_signing_key()
    forged = write_container(parts | {SIGNATURE: sign(stranger, CONTEXT, parts[MANIFEST])})
    assert faults(verify_package(forged, deployed.entry)) == {(SIGNATURE, "signature")}
    another = deployed.entry.model_copy(update={"log_key": PublicKey.model_validate(public_jwk(stranger, "gateway"))})
    assert faults(verify_package(packed, another)) == {(SIGNATURE, "signature"), (LOG, "proof")}
    for change in ({"member": "MYS"}, {"log_key": None}):
        untrusted = verify_package(packed, deployed.entry.model_copy(update=change))
        assert faults(untrusted) == {(MANIFEST, "key")}
    # the member's own key over a package whose log was shortened or written anew by hand
    key = (deployed.settings.key_folder / "gateway-signing.pem").read_bytes()
    about = Subject("IDN", EvidenceKind.CASE, "C-17", "MLA 12/2026", dt.datetime.now(dt.UTC), "gateway")
    log = json.loads(parts[LOG])
    for lie in (
        log | {"head": log["head"] | {"size": log["head"]["size"] + 1}},
        log | {"head": log["head"] | {"member": "MYS"}},
        log | {"entries": [log["entries"][0] | {"entry": log["entries"][0]["entry"] | {"organisation": "Nobody"}}]},
        log | {"entries": [log["entries"][0] | {"entry": log["entries"][1]["entry"]}]},
        log | {"entries": [log["entries"][0] | {"path": log["entries"][0]["path"][:-1]}]},
    ):
        made = make_package(about, [Part(LOG, PartRole.LOG, json.dumps(lie).encode())], [], key)
        assert faults(verify_package(made, deployed.entry)) == {(LOG, "proof")}
    assert not verify(object(), CONTEXT, b"", b"\0" * 64)


def test_with_the_federations_root_the_package_needs_nothing_else(deployed: Deployed, tmp_path: Path) -> None:
    key, expires = new_signing_key(), dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    public = [PublicKey.model_validate(public_jwk(key, "s"))]
    root = Root(version=1, expires=expires, threshold=1, keys=public)
    (deployed.settings.key_folder / "federation-root.json").write_text(root.model_dump_json())
    second = root.model_copy(update={"version": 2})
    (tmp_path / "root.2.json").write_text(sign_document(second, {"s": key}).model_dump_json())
    directory = Directory(version=3, expires=expires, members=[deployed.entry])
    (tmp_path / "directory.json").write_text(sign_document(directory, {"s": key}).model_dump_json())
    target = tmp_path / "rooted.zip"
    env = {
        "LINDUNG_VAR": str(deployed.settings.var), "LINDUNG_MEMBER": "IDN", "LINDUNG_DIRECTORY": str(tmp_path),
    }  # fmt: skip
    done = CliRunner().invoke(main, ["evidence", "package", "C-17", "--request", "M 1", "-o", str(target)], env=env)
    assert done.exit_code == 0, done.output
    assert deployed.run("verify", str(target), "--root", trusted(deployed, root)).exit_code == 0
    stranger = root.model_copy(update={"keys": [PublicKey.model_validate(public_jwk(new_signing_key(), "s"))]})
    refused = deployed.run("verify", str(target), "--root", trusted(deployed, stranger))
    assert (refused.exit_code, "directory/directory.json: not-believed" in refused.output) == (1, True)


@pytest.mark.parametrize("subject", ["C-18", "C-19", "C-20", "R000000000000000000000000", "../C-17"])
def test_what_fell_away_or_is_anothers_is_no_evidence(deployed: Deployed, subject: str) -> None:
    done = deployed.run("package", subject, "--request", "MLA 12/2026", "-o", str(deployed.folder / "no.zip"))
    assert done.exit_code == 1, done.output
    assert not (deployed.folder / "no.zip").exists()


def test_wrong_usage(deployed: Deployed) -> None:
    verdict = deployed.file("verdict.pdf", VERDICT)
    more = ["--request", "M", "-o", str(deployed.folder / "no.zip")]
    assert deployed.run("package", "C-17", *more, "--translation", "other.pdf", "id", verdict).exit_code == 1
    assert deployed.run("package", "C-17", *more, "--document", verdict, "--document", verdict).exit_code == 1
    assert deployed.run("verify", verdict).exit_code == 2
    assert deployed.run("verify", verdict, "--member", verdict).exit_code == 1
