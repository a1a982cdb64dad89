"""As much of the ONNX file format as three networks need: writing a graph, finding its tensors, changing operations.

An ONNX file is one Protocol Buffers message. Field numbers are those of onnx.proto3, IR version 8; nothing but this
module knows them. ONNX Runtime reads and checks what is written here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

IR_VERSION: Final = 8
OPSET: Final = 13
FLOAT: Final = 1
_INT, _INTS = 2, 7
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_GRAPH, _OPSET = 7, 8
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_INPUT, _GRAPH_OUTPUT = 1, 5, 11, 12
_TENSOR_TYPE, _TENSOR_NAME, _TENSOR_RAW = 2, 8, 9


class OnnxFormatError(ValueError):
    """The bytes are not the message that they should be."""


@dataclass(frozen=True)
class Node:
    """One operation.

    Attributes:
        operator: such as Conv.
        inputs: names of tensors.
        output: name of the one result; of an operation that was read, of the first.
        attributes: whole numbers, or lists of them; of an operation that was read, none.
        domain: whose set the operator is of; empty: ONNX's own.
    """

    operator: str
    inputs: tuple[str, ...]
    output: str
    attributes: Mapping[str, int | Sequence[int]]
    domain: str = ""


@dataclass(frozen=True)
class Span:
    """Where a field's content lies in the file."""

    start: int
    end: int


@dataclass(frozen=True)
class TensorPlace:
    """Where a constant tensor's numbers lie in the file, little-endian."""

    name: str
    data_type: int
    raw: Span


def write_model(
    nodes: Sequence[Node], constants: Mapping[str, NDArray[np.generic]], shapes: tuple[Sequence[int], Sequence[int]]
) -> bytes:
    """A model of one input, `input`, and one output, `output`, both float32, with a batch of any size.

    Args:
        nodes: in the order in which they are computed.
        constants: weights (float32) and lists of integers (int64), by name.
        shapes: of input and output, less the batch.
    """
    graph = b"".join(_field(_GRAPH_NODE, _node(node)) for node in nodes) + _field(2, "network")
    graph += b"".join(_field(_GRAPH_INITIALIZER, _tensor(name, value)) for name, value in constants.items())
    graph += _field(_GRAPH_INPUT, _value("input", shapes[0])) + _field(_GRAPH_OUTPUT, _value("output", shapes[1]))
    opset = _field(1, "") + _field(2, OPSET)
    return _field(1, IR_VERSION) + _field(2, "lindung") + _field(_GRAPH, graph) + _field(_OPSET, opset)


def constant_tensors(model: bytes) -> list[TensorPlace]:
    """Where the numbers of each constant tensor lie.

    Raises:
        OnnxFormatError: not a model.
    """
    graph = _only(model, Span(0, len(model)), _GRAPH)
    return [_place(model, span) for number, span in _fields(model, graph) if number == _GRAPH_INITIALIZER]


def replace_nodes(model: bytes, choose: Callable[[Sequence[Node]], Mapping[int, Node]]) -> bytes:
    """The model with some operations in the place of others, and without those that nobody uses any more.

    Args:
        model: the file.
        choose: from all operations in their order, the new ones by their place; of ONNX's set or of `com.microsoft`.

    Raises:
        OnnxFormatError: not a model.
    """
    graph = _only(model, Span(0, len(model)), _GRAPH)
    fields = list(_raw_fields(model, graph))
    places = [place for place, (number, _, _) in enumerate(fields) if number == _GRAPH_NODE]
    chosen = choose([_read_node(model, fields[place][1]) for place in places])
    new = {places[at]: _field(_GRAPH_NODE, _node(node)) for at, node in chosen.items()}
    written = [(number, new.get(place, raw)) for place, (number, _, raw) in enumerate(fields)]
    kept = b"".join(reversed(list(_used(written))))
    others = (raw for number, _, raw in _raw_fields(model, Span(0, len(model))) if number != _GRAPH)
    contributed = _field(1, "com.microsoft") + _field(2, 1)
    return b"".join(others) + _field(_GRAPH, kept) + _field(_OPSET, contributed)


def _raw_fields(model: bytes, message: Span) -> Iterator[tuple[int, Span, bytes]]:
    """Number, content, and all octets of each field."""
    start = message.start
    for number, span in _fields(model, message):
        yield number, span, model[start : span.end]
        start = span.end


def _used(fields: Sequence[tuple[int, bytes]]) -> Iterator[bytes]:
    """A graph's fields from the last to the first, without the operations whose results nobody reads."""
    read = {_names(raw, 1)[0] for number, raw in fields if number == _GRAPH_OUTPUT}
    for number, raw in reversed(fields):
        if number == _GRAPH_NODE:
            if read.isdisjoint(_names(raw, 2)):
                continue
            read.update(_names(raw, 1))
        yield raw


def _names(field: bytes, wanted: int) -> list[str]:
    """The texts of that number in a field that is a message."""
    ((_, message),) = _fields(field, Span(0, len(field)))
    spans = (span for number, span in _fields(field, message) if number == wanted)
    return [field[span.start : span.end].decode() for span in spans]


def _read_node(model: bytes, node: Span) -> Node:
    texts: dict[int, list[str]] = {1: [], 2: [], 4: []}
    for number, span in _fields(model, node):
        if number in texts:
            texts[number].append(model[span.start : span.end].decode())
    if not texts[2] or len(texts[4]) != 1:
        raise OnnxFormatError("an operation without a name or a result")
    return Node(texts[4][0], tuple(texts[1]), texts[2][0], {})


def _place(model: bytes, tensor: Span) -> TensorPlace:
    data_type = _only(model, tensor, _TENSOR_TYPE)
    name = _only(model, tensor, _TENSOR_NAME)
    raw = _only(model, tensor, _TENSOR_RAW)
    return TensorPlace(model[name.start : name.end].decode(), model[data_type.start], raw)


def _only(model: bytes, message: Span, wanted: int) -> Span:
    found = [span for number, span in _fields(model, message) if number == wanted]
    if len(found) != 1:
        raise OnnxFormatError(f"expected one field {wanted}")
    return found[0]


def _fields(model: bytes, message: Span) -> Iterator[tuple[int, Span]]:
    at = message.start
    while at < message.end:
        tag, at = _read_varint(model, at)
        end = _end_of(model, at, tag & 7)
        start = end[0]
        at = end[1]
        if at > message.end:
            raise OnnxFormatError("a field runs over its message's end")
        yield tag >> 3, Span(start, at)


def _end_of(model: bytes, at: int, wire_type: int) -> tuple[int, int]:
    """Start and end of a field's content."""
    if wire_type == _VARINT:
        return at, _read_varint(model, at)[1]
    if wire_type == _BYTES:
        length, start = _read_varint(model, at)
        return start, start + length
    if wire_type in {_FIXED32, _FIXED64}:
        return at, at + (4 if wire_type == _FIXED32 else 8)
    raise OnnxFormatError("unknown kind of field")


def _read_varint(model: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(model[at : at + 10]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    raise OnnxFormatError("a number without an end")


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1  # negative numbers as two's complement
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _field(number: int, content: int | str | bytes) -> bytes:
    if isinstance(content, int):
        return _varint(number << 3 | _VARINT) + _varint(content)
    data = content.encode() if isinstance(content, str) else content
    return _varint(number << 3 | _BYTES) + _varint(len(data)) + data


def _node(node: Node) -> bytes:
    names = b"".join(_field(1, name) for name in node.inputs) + _field(2, node.output)
    attributes = b"".join(_field(5, _attribute(*each)) for each in node.attributes.items())
    return names + _field(4, node.operator) + attributes + (_field(7, node.domain) if node.domain else b"")


def _attribute(name: str, value: int | Sequence[int]) -> bytes:
    if isinstance(value, int):
        return _field(1, name) + _field(3, value) + _field(20, _INT)
    return _field(1, name) + b"".join(_field(8, each) for each in value) + _field(20, _INTS)


def _tensor(name: str, value: NDArray[np.generic]) -> bytes:
    data_type = {"float32": FLOAT, "int64": 7}[value.dtype.name]
    dims = b"".join(_field(1, side) for side in value.shape)
    return dims + _field(2, data_type) + _field(8, name) + _field(9, value.tobytes())


def _value(name: str, shape: Sequence[int]) -> bytes:
    dims = _field(1, _field(2, "batch")) + b"".join(_field(1, _field(1, side)) for side in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, FLOAT) + _field(2, dims)))
