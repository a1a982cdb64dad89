"""Problem details for HTTP APIs (RFC 9457)."""

from pydantic import BaseModel, ConfigDict


class FieldProblem(BaseModel):
    """What is wrong with one field of a request; never the value itself."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """The answer to a request that could not be served: what, where and how to mend it."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str | None = None
    instance: str | None = None
    errors: list[FieldProblem] | None = None
