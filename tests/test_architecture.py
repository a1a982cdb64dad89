"""The house's walls: size of modules, names, arrows, the table of errors, and the three lineages of migrations."""

import ast
import importlib
import inspect
import statistics
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy.engine import URL

from services.biometrics.answers import PROBLEMS as BIOMETRIC_PROBLEMS
from services.biometrics.refusals import RefusedRequestError
from services.cli.running import create_service
from services.gateway.app import PROBLEMS as GATEWAY_PROBLEMS
from services.gateway.federation.inbound import MemberRefusedError
from services.registry.app import PROBLEMS as REGISTRY_PROBLEMS
from shared.db.migrate import lineage
from shared.settings import SERVICES, ServiceName, Settings
from tests.conftest import ROOT, Backend, create_database

MOST_LINES = 400
MEDIAN_FUNCTION_LINES = 10
LONGER: dict[str, str] = {}
"""Modules over the limit, each with its reason. Empty is how it should be."""

NAMELESS = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "base"}
"""Names that say nothing about what is inside."""

ANSWERED = {
    "gateway": {*GATEWAY_PROBLEMS, MemberRefusedError},
    "registry": set(REGISTRY_PROBLEMS),
    "biometrics": {*BIOMETRIC_PROBLEMS, RefusedRequestError},
}
"""Errors that a service turns into an HTTP answer, subclasses included."""

NEVER_ANSWERED = {
    "PolicyInvalidError": "the gateway does not start",
    "LineError": "becomes the reason of a rejected line of a list",
    "RowError": "becomes the reason of a rejected row of a list",
    "TokenRefusedError": "answered where it is raised, in the form of RFC 6749",
    "NotAcknowledgedError": "the corrections are sent again",
    "RegisterAwayError": "the register is asked again",
    "NotAMemberError": "becomes the answer of the federation's door, or a member that is not asked",
    "MemberSilentError": "becomes a member that did not answer",
    "VersionNotSpokenError": "becomes the answer of the federation's door",
    "DirectoryRefusedError": "told in the log; the directory that is believed stays",
    "MessageRefusedError": "becomes the answer of the federation's door, or a member that did not answer",
    "HeadNotSignedError": "told by `lindung audit verify`",
    "_BadEntryError": "likewise",
    "ClientUnknownError": "becomes TokenRefusedError or AccessTokenError",
    "AssertionReusedError": "becomes TokenRefusedError or LoginRefusedError",
    "ProofRefusedError": "becomes TokenRefusedError or AccessTokenError",
    "UserUnknownError": "becomes LoginRefusedError, or is told by `lindung user`",
    "UserKnownError": "told by `lindung user`",
    "LoginRefusedError": "sends the browser back to the page for signing in",
    "ProviderRefusedError": "likewise; for an address without TLS, the gateway does not start",
    "NotMappedError": "becomes LoginRefusedError",
    "DoorRefusedError": "becomes a page of the console",
    "NotSignedInError": "leads to the console's page for signing in",
    "NotForRoleError": "becomes a page of the console",
    "CaseWantedError": "leads to the console's page for the case",
    "FileUnknownError": "answered where it is raised, 404",
    "MappingInvalidError": "the gateway does not start",
    "BiometricsRefusedError": "becomes a field problem at intake, a line of `missing` in the check",
    "FaceEngineUnavailableError": "the biometric service does not start",
    "ModelFileError": "the biometric service does not start",
    "AgeModelUnavailableError": "told by `lindung evaluate age`",
    "FacesNotMovedError": "the job that moves a gallery is tried again later",
    "OnnxFormatError": "a model of the right digest that cannot be read is a fault of ours",
    "MemoryNotLoadedError": "told by /health/ready",
    "FaceNotUsableError": "becomes SampleNotUsableError",
    "FingerNotUsableError": "becomes SampleNotUsableError",
    "ImageRefusedError": "becomes SampleNotUsableError",
    "FaissUnusableError": "the biometric service does not start",
    "SnapshotDamagedError": "told in the log; what is missing is read from the table",
    "IndexNotVouchedError": "the biometric service does not start",
    "MosipRefusedError": "told by number in MOSIP's own answer",
    "CbeffError": "likewise",
    "TaskNotDoneError": "the task is tried again",
    "CallbackFailedError": "the result is sent again",
    "WebhookFailedError": "the notice is sent again",
    "SampleNotUsableError": "becomes NotUsableError, or a quality answer",
    "TemplateFormatError": "a stored template that cannot be read is a fault of ours",
    "DocumentImageError": "becomes a line of `missing` in the check",
    "LostListError": "told by `lindung documents load-lost`",
    "EmptyFolderError": "told by `lindung evaluate`",
    "IndexKeyError": "a double or unknown key is a fault of ours",
    "VectorShapeError": "an embedding of the wrong shape is a fault of ours",
}
"""Error classes that no service answers by itself, and what becomes of them."""


@dataclass(frozen=True)
class Module:
    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def import_name(self) -> str:
        return ".".join(self.path.relative_to(ROOT).with_suffix("").parts)


MODULES = [Module(path) for folder in ("services", "shared") for path in sorted((ROOT / folder).rglob("*.py"))]


def test_modules_stay_small() -> None:
    lengths = {module.name: len(module.text.splitlines()) for module in MODULES}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES and name not in LONGER} == {}
    assert {name for name in LONGER if lengths.get(name, 0) <= MOST_LINES} == set(), "no longer an exception"


def test_functions_stay_small() -> None:
    functions = (
        node
        for module in MODULES
        for node in ast.walk(ast.parse(module.text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    lengths = [(node.end_lineno or node.lineno) - node.lineno + 1 for node in functions]
    assert statistics.median(lengths) <= MEDIAN_FUNCTION_LINES


def test_every_name_says_what_is_inside() -> None:
    named = [
        path
        for folder in ("services", "shared", "migrations", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.is_dir() or path.suffix == ".py"
    ]
    assert [str(path) for path in named if path.stem.strip("_").casefold() in NAMELESS] == []


def test_arrows_hold() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("service", ["registry", "gateway"])
def test_registry_and_gateway_start_without_an_engine(service: str) -> None:
    code = (
        f"import sys, services.{service}.app; "
        "print(*sorted({'dlib', 'face_recognition', 'faiss', 'onnxruntime'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def _errors(service: str) -> Iterator[type[Exception]]:
    for module in MODULES:
        if not module.import_name.startswith(f"services.{service}."):
            continue
        for node in ast.parse(module.text).body:
            if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
                found = getattr(importlib.import_module(module.import_name), node.name)
                if issubclass(found, Exception):
                    yield found


@pytest.mark.parametrize("service", SERVICES)
def test_every_error_has_an_answer_or_a_reason(service: str) -> None:
    errors = list(_errors(service))
    assert errors
    open_ends = [
        error.__name__
        for error in errors
        if not ANSWERED[service].intersection(error.__mro__) and error.__name__ not in NEVER_ANSWERED
    ]
    assert open_ends == []


def test_no_reason_outlives_its_error() -> None:
    known = {error.__name__ for service in SERVICES for error in _errors(service)}
    assert set(NEVER_ANSWERED) <= known


def _called(dependant: Dependant) -> Iterator[object]:
    for each in dependant.dependencies:
        yield each.call
        yield from _called(each)


def _routes(routes: Iterable[object]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif (router := getattr(route, "original_router", None)) is not None:
            yield from _routes(router.routes)


@pytest.mark.parametrize("service", SERVICES)
def test_no_request_goes_through_a_thread_to_be_read(service: ServiceName) -> None:
    """What is no coroutine is called in a thread: two changes of thread for a line that waits on nothing."""
    routes = list(_routes(create_service(service, Settings()).routes))
    assert len(routes) > 10
    called = {call for route in routes for call in (route.endpoint, *_called(route.dependant))}
    assert [call for call in called if not inspect.iscoroutinefunction(call) and not _is_awaited(call)] == []


def _is_awaited(call: object) -> bool:
    """An object whose call is a coroutine, or a dependency that yields."""
    return inspect.isasyncgenfunction(call) or inspect.iscoroutinefunction(getattr(call, "__call__", None))  # noqa: B004


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_keeps_to_its_own_tables(service: ServiceName) -> None:
    metadata: sa.MetaData = importlib.import_module(f"services.{service}.schema").metadata
    assert metadata.tables
    own = f"{service}_"
    assert [name for name in metadata.tables if not name.startswith(own)] == []
    targets = {key.target_fullname for table in metadata.tables.values() for key in table.foreign_keys}
    assert [target for target in targets if not target.startswith(own)] == []


@pytest.fixture
def shared_database(backend: Backend, tmp_path: Path, request: pytest.FixtureRequest) -> URL:
    """One empty database for the three services, as a small deployment may have it."""
    if backend == "sqlite":
        return sa.engine.make_url(f"sqlite+aiosqlite:///{tmp_path / 'all.db'}")
    return create_database(request.getfixturevalue("postgres_url"))


def _tables(url: URL) -> set[str]:
    engine = sa.create_engine(url.set(drivername="sqlite") if url.get_backend_name() == "sqlite" else url)
    try:
        return set(sa.inspect(engine).get_table_names())
    finally:
        engine.dispose()


@pytest.mark.parametrize("service", SERVICES)
def test_a_lineage_has_one_head(service: ServiceName, tmp_path: Path) -> None:
    config = lineage(service, sa.engine.make_url(f"sqlite:///{tmp_path / 'none.db'}"))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_migrations_give_what_the_tables_say_and_go_back(shared_database: URL) -> None:
    configs = [lineage(service, shared_database) for service in SERVICES]
    for config in configs:
        command.upgrade(config, "head")
    full = _tables(shared_database)
    for config in configs:
        command.check(config)  # raises when a table differs from its migration
    for config in configs:
        command.downgrade(config, "base")
    assert _tables(shared_database) <= {f"{service}_alembic_version" for service in SERVICES}
    for config in configs:
        command.upgrade(config, "head")
        command.check(config)
    assert _tables(shared_database) == full
