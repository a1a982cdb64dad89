"""Logs with a request id and no personal data, and Prometheus figures, for every request."""

import logging
import re
import secrets
import sys
import time
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID_HEADER: Final = "X-Request-Id"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REQUEST_ID: Final = re.compile(rb"^[A-Za-z0-9._-]{8,64}$")

log = structlog.get_logger(__name__)


def configure_logging(level: str) -> None:
    """JSON lines on standard error, UTC times, context variables; exceptions as class and place only.

    An exception's text may hold what the caller sent, so only its class and stack are written.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _stack_without_texts,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    if not any(isinstance(handler, LibraryLog) for handler in logging.root.handlers):
        logging.root.addHandler(LibraryLog(logging.WARNING))


class LibraryLog(logging.Handler):
    """What libraries log, as lines of ours. An exception's text is left out of it too, as is what may repeat one."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        error = record.exc_info[1] if record.exc_info else None
        known = {"error": type(error).__name__, "exc_info": error} if error else {}
        if error is None and record.name.startswith("uvicorn"):
            known["text"] = record.getMessage()
        log.log(record.levelno, "library", logger=record.name, **known)


def _stack_without_texts(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        frames = []
        trace = error.__traceback__
        while trace is not None:
            frames.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
            trace = trace.tb_next
        event["stack"] = frames[-12:]
    return event


class Metrics:
    """An application's figures, in a registry of its own so that three applications fit one process."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "lindung_requests",
            "Requests answered",
            ["service", "method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "lindung_request_seconds", "Time to answer", ["service", "route"], registry=self.registry
        )
        self.service = service


class Observation:
    """Gives every request an id, a log line (the route's template, not its path) and a place in the figures."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        status = 500

        async def watched_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-request-id", request_id.encode())]
            await send(message)

        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id, service=self._metrics.service):
            try:
                await self._app(scope, receive, watched_send)
            finally:
                self._record(scope, status, time.perf_counter() - started)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unknown")
        service = self._metrics.service
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"  # any word can be sent as a method
        self._metrics.requests.labels(service, method, route, str(status)).inc()
        self._metrics.seconds.labels(service, route).observe(seconds)
        if not route.startswith(("/health", "/metrics")):
            log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def _request_id(scope: Scope) -> str:
    given: bytes = dict(scope["headers"]).get(REQUEST_ID_HEADER.lower().encode(), b"")
    return given.decode() if _REQUEST_ID.match(given) else secrets.token_hex(8)


def current_request_id() -> str | None:
    """The id of the request being served, to send along to the next service."""
    value = structlog.contextvars.get_contextvars().get("request_id")
    return str(value) if value else None
