"""`lindung client` on the gateway's own database."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from services.cli import main
from shared.crypto.keyfiles import make_key_files, new_signing_key, public_jwk
from shared.db.migrate import upgrade
from shared.settings import Settings

ADD = ["client", "add", "desk-batam", "--role", "desk_officer", "--member", "IDN", "--organisation", "Desk Batam"]


@pytest.fixture
def var(tmp_path: Path) -> Path:
    settings = Settings(var=tmp_path)
    upgrade("gateway", settings.database_url("gateway"))
    make_key_files(settings.key_folder)
    return tmp_path


def lindung(var: Path, words: list[str], given: str = "") -> Result:
    return CliRunner().invoke(main, words, given, {"LINDUNG_VAR": str(var)})


def listed(var: Path) -> list[dict[str, Any]]:
    return json.loads(lindung(var, ["client", "list", "--json"]).stdout)["clients"]


def jwk_of(private: bytes) -> str:
    return json.dumps(public_jwk(private, "whatever"))


def test_a_client_brings_its_public_key(var: Path):
    file = var / "desk.jwk"
    file.write_text(jwk_of(new_signing_key()))
    result = lindung(var, [*ADD, "--jwk", str(file), "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["client"] == "desk-batam"
    (row,) = listed(var)
    assert (row["client"], row["role"], row["member"], row["organisation"], row["active"]) == (
        "desk-batam",
        "desk_officer",
        "IDN",
        "Desk Batam",
        True,
    )


def test_a_key_made_here_is_its_owner_s_only(var: Path):
    key = var / "desk.pem"
    assert lindung(var, [*ADD, "--new-key", str(key)]).exit_code == 0
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert isinstance(serialization.load_pem_private_key(key.read_bytes(), None), ec.EllipticCurvePrivateKey)


def test_a_key_file_is_never_overwritten(var: Path):
    key = var / "desk.pem"
    key.write_text("somebody's")
    assert lindung(var, [*ADD, "--new-key", str(key)]).exit_code == 1
    assert key.read_text() == "somebody's"
    assert listed(var) == []


def test_a_known_client_keeps_its_key_unless_told(var: Path):
    assert lindung(var, [*ADD, "--new-key", str(var / "one.pem")]).exit_code == 0
    refused = lindung(var, [*ADD, "--new-key", str(var / "two.pem")])
    assert refused.exit_code == 1
    assert "--replace" in refused.stderr
    assert not (var / "two.pem").exists()
    assert lindung(var, [*ADD, "--new-key", str(var / "two.pem"), "--replace"]).exit_code == 0
    assert len(listed(var)) == 1


def test_cut_off_and_let_in_again(var: Path):
    assert lindung(var, ["client", "cut", "desk-batam"]).exit_code == 1
    lindung(var, [*ADD, "--new-key", str(var / "one.pem")])
    assert lindung(var, ["client", "cut", "desk-batam"]).exit_code == 0
    assert [row["active"] for row in listed(var)] == [False]
    assert "cut off" in lindung(var, ["client", "list"]).stdout
    lindung(var, [*ADD, "--new-key", str(var / "two.pem"), "--replace"])
    assert [row["active"] for row in listed(var)] == [True]


def wrong_keys() -> dict[str, str]:
    private = serialization.load_pem_private_key(new_signing_key(), None)
    other_curve = ec.generate_private_key(ec.SECP384R1()).public_key()
    return {
        "private": ECAlgorithm.to_jwk(private),
        "curve": ECAlgorithm.to_jwk(other_curve),
        "short": RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 1024).public_key()),  # noqa: S505  on purpose
        "shared secret": json.dumps({"kty": "oct", "k": "c2VjcmV0"}),
        "not json": "-----BEGIN PUBLIC KEY-----",
        "not a key": "[]",
        "off the curve": json.dumps({"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}),
    }


@pytest.mark.parametrize("kind", sorted(wrong_keys()))
def test_only_public_keys_that_are_strong_enough_are_taken(var: Path, kind: str):
    assert lindung(var, [*ADD, "--jwk", "-"], wrong_keys()[kind]).exit_code == 2
    assert listed(var) == []


@pytest.mark.parametrize("name", ["", "console", "two words", "../desk", "désk", "x" * 65])
def test_names_are_plain(var: Path, name: str):
    words = ["client", "add", name, *ADD[3:], "--jwk", "-"]
    assert lindung(var, words, jwk_of(new_signing_key())).exit_code == 2


def test_one_key_exactly(var: Path):
    assert lindung(var, ADD).exit_code == 2
    assert lindung(var, [*ADD, "--jwk", "-", "--new-key", str(var / "k.pem")], "{}").exit_code == 2


def test_a_database_without_schema_is_said_in_a_sentence(tmp_path: Path):
    result = lindung(tmp_path, ["client", "list"])
    assert result.exit_code == 1
    assert "lindung migrate" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", [[], ["add"], ["cut"], ["list"]])
def test_help_shows_an_example(command: list[str]):
    result = CliRunner().invoke(main, ["client", *command, "--help"])
    assert result.exit_code == 0
    assert "Example: lindung client" in result.stdout
