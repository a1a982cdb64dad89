"""JSON schemata that stand by themselves, where a description takes no shared ones."""

from typing import Any

from pydantic import BaseModel


def inlined(model: type[BaseModel]) -> dict[str, Any]:
    """A model's JSON schema with what it refers to in place; of models that do not hold themselves."""
    schema = model.model_json_schema()
    known = schema.pop("$defs", {})

    def put(part: Any) -> Any:
        if isinstance(part, list):
            return [put(each) for each in part]
        if not isinstance(part, dict):
            return part
        name = part.get("$ref", "").removeprefix("#/$defs/")
        return put(known[name]) if name else {key: put(value) for key, value in part.items()}

    inlined_schema: dict[str, Any] = put(schema)
    return inlined_schema
