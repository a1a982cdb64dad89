"""The compose file says what the program reads, grants each service its own files only, and opens one door."""

import re
import subprocess
from itertools import chain
from pathlib import Path

import click
import pytest

from services.cli import main
from services.cli.keys import keys
from shared.settings import SERVICES, Settings
from tests.deploy.composition import ROOT, Composed, copied_sources, interpolate, read_document, read_services

DOCUMENT = read_document()
COMPOSED = read_services()
OURS = {name: service for name, service in COMPOSED.items() if name != "postgres"}
PREFIX = Settings.model_config["env_prefix"]


def made_key_files(folder: Path) -> set[str]:
    keys.main(["--into", str(folder)], standalone_mode=False)
    return {path.name for path in folder.iterdir()}


@pytest.fixture(params=sorted(OURS))
def service(request: pytest.FixtureRequest) -> Composed:
    return OURS[request.param]


def test_every_part_is_there():
    assert set(COMPOSED) == {"postgres", "migrate", *SERVICES}


def test_variables_are_settings(service: Composed):
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    assert set(service.environment) <= known


def test_settings_can_be_read(service: Composed, monkeypatch: pytest.MonkeyPatch):
    for name, value in service.environment.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.key_folder == Path("/run/secrets")
    assert settings.database_password_file == Path("/run/secrets/database-password")
    assert settings.database_password_file.name in service.secrets


def test_a_service_knows_only_its_own_database():
    for name in SERVICES:
        assert {key for key in OURS[name].environment if key.endswith("DATABASE_URL")} == {
            f"{PREFIX}{name.upper()}_DATABASE_URL"
        }


def test_command_is_one_of_the_program(service: Composed):
    program, *words = service.command
    assert program == "lindung"
    name, command, rest = main.resolve_command(click.Context(main), words)
    assert command is not None
    with command.make_context(name, rest, resilient_parsing=False) as context:
        assert context.params.get("service", "migrate") == service.name


def test_a_health_check_asks_the_port_that_is_served():
    for name in SERVICES:
        port = COMPOSED[name].command[COMPOSED[name].command.index("--port") + 1]
        check = COMPOSED[name].document["healthcheck"]["test"]
        assert check[:3] == ["CMD", "python", "-c"]
        assert f"http://127.0.0.1:{port}/health/ready" in check[3]
        compile(check[3], "healthcheck", "exec")
    assert "pg_isready" in COMPOSED["postgres"].document["healthcheck"]["test"]


def test_addresses_are_those_of_the_services():
    for service in OURS.values():
        for name in ("registry", "biometrics"):
            address = service.environment.get(f"{PREFIX}{name.upper()}_URL")
            command = COMPOSED[name].command
            assert address in (None, f"http://{name}:{command[command.index('--port') + 1]}")


def test_order_of_start():
    assert COMPOSED["migrate"].waits_for == {"postgres": "service_healthy"}
    migrated = {"migrate": "service_completed_successfully"}
    assert COMPOSED["biometrics"].waits_for == migrated
    assert COMPOSED["registry"].waits_for == migrated | {"biometrics": "service_healthy"}
    assert COMPOSED["gateway"].waits_for == migrated | {"biometrics": "service_healthy", "registry": "service_healthy"}


def test_one_door_and_only_to_this_machine():
    assert [name for name, service in COMPOSED.items() if "ports" in service.document] == ["gateway"]
    assert [interpolate(port) for port in COMPOSED["gateway"].document["ports"]] == ["127.0.0.1:8000:8000"]
    assert [name for name, service in COMPOSED.items() if "outside" in service.document["networks"]] == ["gateway"]
    assert DOCUMENT["networks"]["inside"] == {"internal": True}
    assert not any("network_mode" in service.document for service in COMPOSED.values())


def test_everything_is_contained():
    for name, service in COMPOSED.items():
        document = service.document
        assert document["read_only"] is True
        assert document["cap_drop"] == ["ALL"]
        assert document["security_opt"] == ["no-new-privileges:true"]
        assert "/tmp" in document["tmpfs"]
        assert not document.get("privileged")
        assert name == "postgres" or not {"cap_add", "devices"} & set(document)


def test_only_models_are_mounted_and_nobody_writes_them():
    mounted = {name: service.document.get("volumes", []) for name, service in OURS.items()}
    assert {name: volumes for name, volumes in mounted.items() if volumes} == {"biometrics": ["./models:/models:ro"]}
    assert COMPOSED["biometrics"].environment["LINDUNG_MODELS"] == "/models"


def test_nobody_runs_as_root(service: Composed):
    assert service.document["user"].startswith("${RUN_AS:?")
    with pytest.raises(KeyError, match="RUN_AS"):
        interpolate(service.document["user"])
    users = re.findall(r"^USER (\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert users
    assert users[-1] not in ("0", "root")


def test_secrets_are_the_files_that_keys_makes(tmp_path: Path):
    files = {name: Path(secret["file"]) for name, secret in DOCUMENT["secrets"].items()}
    assert all(path == Path("secrets") / name for name, path in files.items())
    granted = set(chain.from_iterable(service.secrets.values() for service in COMPOSED.values()))
    assert granted == set(files) == made_key_files(tmp_path / "secrets")


def test_a_secret_keeps_its_name():
    for service in COMPOSED.values():
        assert all(target == source for target, source in service.secrets.items())


def test_a_private_key_is_granted_to_its_owner_only():
    shared = {"database-password", "trusted.jwks"}
    for secret in set(DOCUMENT["secrets"]) - shared:
        holders = [name for name, service in COMPOSED.items() if secret in service.secrets]
        assert holders == [secret.split("-")[0]]
    assert set(COMPOSED["migrate"].secrets) == set(COMPOSED["postgres"].secrets) == {"database-password"}


def test_no_secret_stands_in_the_files():
    for service in COMPOSED.values():
        for name, value in service.environment.items():
            assert not re.search(r"://[^/\s@]*:[^/\s@]+@", value), "a URL with a password"
            if re.search("PASSWORD|SECRET|KEY|TOKEN", name):
                assert value.startswith("/run/secrets")
    assert not re.search(r"^(ENV|ARG) .*(PASSWORD|SECRET|KEY|TOKEN)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    passwords = re.findall(r"\bPASSWORD (\S+);", (ROOT / "deploy/postgres-init.sql").read_text())
    assert set(passwords) == {":'password'", "NULL"}


def test_the_image_is_installed_by_the_script_that_developers_use():
    text = (ROOT / "Dockerfile").read_text()
    assert "scripts/set-up requirements.lock" in text
    assert "pip install" not in text
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {"python:3.11-slim"}


def test_what_the_image_copies_is_there_and_not_ignored():
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {line[1:] for line in rules if line.startswith("!")}
    assert set(copied_sources()) == allowed
    assert [source for source in copied_sources() if not (ROOT / source).exists()] == []


@pytest.mark.parametrize("path", ["secrets/database-password", ".env", "models/fr_feature.onnx"])
def test_what_an_operator_makes_is_not_kept_by_git(path: str):
    done = subprocess.run(["git", "check-ignore", "--quiet", path], cwd=ROOT, check=False)
    if done.returncode == 128:
        pytest.skip("not a git work tree")
    assert done.returncode == 0
