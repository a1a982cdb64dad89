"""The way to a Milvus server: who may take it, and how long it is tried."""

import logging
import time
from typing import Any, Final
from urllib.parse import urlsplit

import grpc  # type: ignore[import-untyped]
from pymilvus import MilvusClient, MilvusException

from services.biometrics.index.vectors import IndexUnavailableError
from shared.settings import Settings

_TRANSIENT: Final = frozenset({1, 2, 5, 8, 101, 103, 201, 202, 500, 501, 503, 600, 601, 602, 901, 902, 903, 904})
"""Codes of a server that is starting, moving data between its nodes or limiting the rate. Source: Milvus 2.3 merr."""
_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 2.0
COLLECTION_PREFIX: Final = "lindung_"
_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})

logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # what fails is raised; its log repeats the server's text


class IndexNotVouchedError(Exception):
    """Face vectors would leave the process for a place whose protection nobody vouched for."""


class MilvusConnection:
    """Calls to one Milvus server, tried again with growing pauses until a time is over.

    Only for calls that do no harm when they are done twice.

    Args:
        url: `https://host:port/database`, or `http://` on this machine.
        token: `user:password` or a token; empty for none.
        ca_file: certificates that the server's is checked with; empty for the system's.
        seconds: a call, with all its attempts, takes at most so long.

    Raises:
        IndexUnavailableError: the server does not answer, or refuses the token.
    """

    def __init__(self, url: str, token: str = "", ca_file: str = "", seconds: float = 10.0) -> None:
        self._seconds = seconds
        try:
            # server_pem_path is the authorities' certificates; dedicated: pymilvus shares connections by address and
            # token, whatever the certificates.
            self._client = MilvusClient(url, token=token, server_pem_path=ca_file, timeout=seconds, dedicated=True)
        except (MilvusException, grpc.RpcError) as error:
            raise IndexUnavailableError(f"Milvus does not let us in ({_code(error)})") from error

    def call(self, name: str, /, *arguments: Any, seconds: float | None = None, **named: Any) -> Any:
        """What a method of pymilvus's client answers.

        Args:
            name: of the method.
            arguments: of the method, as are `named`.
            seconds: another time than the connection's.

        Raises:
            IndexUnavailableError: no answer in time, or a refusal.
        """
        ends = time.monotonic() + (seconds or self._seconds)
        pause = _FIRST_PAUSE_S
        while True:
            try:
                left = max(ends - time.monotonic(), _FIRST_PAUSE_S)
                return getattr(self._client, name)(*arguments, timeout=left, **named)
            except (MilvusException, grpc.RpcError) as error:
                if _code(error) not in _TRANSIENT or time.monotonic() + pause > ends:
                    raise IndexUnavailableError(f"Milvus did not do {name} ({_code(error)})") from error
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    def erase(self) -> None:
        """Drop every collection of ours; raises as `call`."""
        for name in self.call("list_collections"):
            if name.startswith(COLLECTION_PREFIX):
                self.call("drop_collection", name)

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()


def connect(settings: Settings) -> MilvusConnection:
    """A connection to the settings' server.

    Raises:
        IndexNotVouchedError: LINDUNG_MILVUS_VOUCHED is not set, or the way there is not encrypted.
        IndexUnavailableError: no server is named, or it does not answer.
        OSError: the token file cannot be read.
    """
    url = settings.milvus_url
    if url is None:
        raise IndexUnavailableError("LINDUNG_MILVUS_URL names no server")
    if not settings.milvus_vouched:
        raise IndexNotVouchedError("set LINDUNG_MILVUS_VOUCHED when you vouch for what Milvus does with face vectors")
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _THIS_MACHINE:
        raise IndexNotVouchedError("face vectors go to another machine over https only")
    token = settings.milvus_token_file.read_text().strip() if settings.milvus_token_file else ""
    return MilvusConnection(url, token, str(settings.milvus_ca_file or ""), settings.milvus_seconds)


def _code(error: Exception) -> Any:
    """The server's number, or gRPC's word, for what went wrong; the text is left out: it may repeat keys."""
    return error.code() if isinstance(error, grpc.Call) else getattr(error, "code", type(error).__name__)
