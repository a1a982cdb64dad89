"""What a door is: one way through the gateway."""

from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.shown import Shown

Method = Literal["GET", "POST", "PUT", "DELETE"]


@dataclass(frozen=True)
class Door:
    """One way through the gateway.

    `scopes` are those of the service behind (OSIA's); `many`: the answer is a list of what it gives; `shows`: records
    that the answer names besides the one that was asked for.
    """

    method: Method
    path: str
    service: Literal["registry", "biometrics"]
    kind: Kind
    action: Action
    operation: str
    summary: str
    tag: str
    takes: type[BaseModel] | None = None
    gives: type[BaseModel] | None = None
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    scopes: frozenset[str] = field(default_factory=frozenset)
    status: int = 200
    many: bool = False
    shows: tuple[Shown, ...] = ()
