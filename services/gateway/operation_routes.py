"""How the services do, put together from what each tells: accuracy, sizes, work that waits, and times."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Annotated, Final, TypeVar, cast

import httpx
from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from services.gateway.access.admission import admit
from services.gateway.access.policy import Action, Kind
from services.gateway.passage import shown_model
from shared.contracts.adjudication import Workload
from shared.contracts.caller import Caller
from shared.contracts.operations import BiometricOperations, Operations, RouteTimes
from shared.http.client import ServiceClient, ServiceUnavailableError
from shared.http.observation import Metrics

OverseerDep = Annotated[Caller, Depends(admit(Kind.OPERATION, Action.READ))]
Answer = TypeVar("Answer")

_SECONDS: Final = "lindung_request_seconds"
_MOST: Final = 0.95
_ROUTES: Final = 25
_NO_WORK: Final = ("/health", "/metrics", "/readyz", "/console/files")

router = APIRouter(prefix="/v1/operations", tags=["operations"])


@router.get(
    "",
    summary="How accurate, how quick and how laden the services are",
    operation_id="readOperations",
    response_model=Operations,
)
async def read_operations(request: Request, caller: OverseerDep) -> Response:
    """What does not answer is left out and named."""
    state = request.app.state
    silent: list[str] = []

    async def ask(service: str, path: str, read: Callable[[httpx.Response], Answer]) -> Answer | None:
        try:
            answer = await cast("ServiceClient", getattr(state, service)).request(caller, "GET", path)
        except ServiceUnavailableError:
            answer = None
        if answer is None or answer.is_error:
            silent.extend({service} - {*silent})
            return None
        return read(answer)

    told = await ask("biometrics", "/v1/operations", lambda each: BiometricOperations.model_validate_json(each.content))
    load = await ask("registry", "/v1/adjudications/workload", lambda each: Workload.model_validate_json(each.content))
    texts = [await ask(service, "/metrics", lambda each: each.text) for service in ("registry", "biometrics")]
    texts.append(generate_latest(cast("Metrics", state.metrics).registry).decode())
    times = sorted((each for text in texts if text for each in times_in(text)), key=lambda each: -each.requests)
    whole = Operations(biometrics=told, workload=load, times=times[:_ROUTES], silent=silent)
    return shown_model(request, caller, Kind.OPERATION, whole)


def times_in(text: str) -> Iterator[RouteTimes]:
    """How long each route of a service took, by its Prometheus figures; health and the console's files left out.

    Args:
        text: of `/metrics`.
    """
    sums: dict[tuple[str, str], float] = {}
    buckets: defaultdict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for family in text_string_to_metric_families(text):
        for sample in family.samples if family.name == _SECONDS else ():
            key = sample.labels["service"], sample.labels["route"]
            if sample.name == f"{_SECONDS}_sum":
                sums[key] = sample.value
            elif sample.name == f"{_SECONDS}_bucket":
                buckets[key].append((float(sample.labels["le"]), sample.value))
    for (service, route), edges in buckets.items():
        count = max(reached for _, reached in edges)
        if count and route != "unknown" and not route.startswith(_NO_WORK):
            yield RouteTimes(
                service=service,
                route=route,
                requests=int(count),
                mean_ms=round(1000 * sums[service, route] / count, 1),
                most_within_ms=_within(edges, _MOST * count),
            )


def _within(edges: list[tuple[float, float]], wanted: float) -> float | None:
    """The first edge, in ms, that so many requests did not pass; None: only the last, which is infinite."""
    edge = min(edge for edge, reached in edges if reached >= wanted)
    return None if edge == float("inf") else 1000 * edge
