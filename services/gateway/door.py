"""What a door is: one way through the gateway."""

from collections.abc import Awaitable, Callable
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Literal

from fastapi import Request
from pydantic import BaseModel

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.shown import Shown
from shared.contracts.caller import Caller
from shared.contracts.disclosure import FieldClass

Guard = Callable[[Request, Caller], Awaitable[None]]
"""Refuses, by an error, what a request asks for beyond what the policy knows."""
Method = Literal["GET", "POST", "PUT", "DELETE"]


@dataclass(frozen=True)
class Door:
    """One way through the gateway. A table says once, by `partial`, what its doors share: service, kind and tag.

    `scopes` are those of the service behind (OSIA's); `many`: the answer is a list of what it gives; `shows`: records
    that the answer names besides the one that was asked for. `accepted`: what it gives with 202, where that is another
    thing; `form`: the type of the answer, where it is more than a model; `whole`: the class of an answer that has no
    fields (an image, a page, a list of words). `guard`: asked after the policy, before the service behind.
    """

    method: Method
    path: str
    action: Action
    operation: str
    summary: str
    takes: type[BaseModel] | None = None
    gives: type[BaseModel] | None = None
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    _: KW_ONLY
    service: Literal["registry", "biometrics"]
    kind: Kind
    tag: str
    scopes: frozenset[str] = field(default_factory=frozenset)
    status: int = 200
    many: bool = False
    shows: tuple[Shown, ...] = ()
    accepted: type[BaseModel] | None = None
    form: Any = None
    whole: FieldClass | None = None
    guard: Guard | None = None

    def form_of(self, status: int) -> Any:
        """The form of an answer; None: it has no fields."""
        if status == 202 and self.accepted is not None:
            return self.accepted
        if self.form is not None or self.gives is None:
            return self.form
        return list[self.gives] if self.many else self.gives  # type: ignore[name-defined]
