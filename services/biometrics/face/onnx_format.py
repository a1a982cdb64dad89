"""As much of the ONNX file format as three networks need: writing a graph, finding its tensors and its operations.

An ONNX file is one Protocol Buffers message. Field numbers are those of onnx.proto3, IR version 8; nothing but this
module knows them. ONNX Runtime reads and checks what is written here.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

IR_VERSION: Final = 8
OPSET: Final = 17
CONTRIBUTED: Final = "com.microsoft"
"""Operations that ONNX Runtime has beside the standard's."""
FLOAT: Final = 1
_FLOAT, _INT, _INTS = 1, 2, 7
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_GRAPH, _OPSET = 7, 8
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_INPUT, _GRAPH_OUTPUT = 1, 5, 11, 12
_TENSOR_SIDE, _TENSOR_TYPE, _TENSOR_NAME, _TENSOR_RAW = 1, 2, 8, 9

Attributes = Mapping[str, int | float | Sequence[int]]
Sides = Sequence[int | str]


class OnnxFormatError(ValueError):
    """The bytes are not the message that they should be."""


@dataclass(frozen=True)
class Node:
    """One operation.

    Attributes:
        operator: such as Conv.
        inputs: names of tensors.
        output: name of the first result.
        attributes: numbers, or lists of whole ones; of an operation that was read, none.
        domain: whose set the operator is of; empty: ONNX's own.
        others: names of further results.
    """

    operator: str
    inputs: tuple[str, ...]
    output: str
    attributes: Attributes
    domain: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Span:
    """Where a field's content lies in the file."""

    start: int
    end: int


@dataclass(frozen=True)
class TensorPlace:
    """Where a constant tensor's numbers lie in the file, little-endian; and its sides."""

    name: str
    data_type: int
    raw: Span
    shape: tuple[int, ...]


def write_model(
    nodes: Sequence[Node], constants: Mapping[str, NDArray[np.generic]], shapes: tuple[Sides, Sides]
) -> bytes:
    """A model of one input, `input`, and one output, `output`, both float32, with a batch of any size.

    Args:
        nodes: in the order in which they are computed.
        constants: weights (float32) and lists of integers (int64), by name.
        shapes: of input and output, less the batch; a side that may be of any length by a name.
    """
    graph = b"".join(_field(_GRAPH_NODE, _node(node)) for node in nodes) + _field(2, "network")
    graph += b"".join(_field(_GRAPH_INITIALIZER, _tensor(name, value)) for name, value in constants.items())
    graph += _field(_GRAPH_INPUT, _value("input", shapes[0])) + _field(_GRAPH_OUTPUT, _value("output", shapes[1]))
    sets = {"": OPSET} | {node.domain: 1 for node in nodes if node.domain}
    opsets = b"".join(_field(_OPSET, _field(1, domain) + _field(2, version)) for domain, version in sets.items())
    return _field(1, IR_VERSION) + _field(2, "lindung") + _field(_GRAPH, graph) + opsets


def constant_tensors(model: bytes) -> list[TensorPlace]:
    """Where the numbers of each constant tensor lie.

    Raises:
        OnnxFormatError: not a model.
    """
    graph = _only(model, Span(0, len(model)), _GRAPH)
    return [_place(model, span) for number, span in _fields(model, graph) if number == _GRAPH_INITIALIZER]


def float_tensors(model: bytes) -> dict[str, NDArray[np.float32]]:
    """The constant tensors of single precision, by name.

    Raises:
        OnnxFormatError: not a model.
    """
    return {
        place.name: np.frombuffer(model[place.raw.start : place.raw.end], "<f4").reshape(place.shape).astype(np.float32)
        for place in constant_tensors(model)
        if place.data_type == FLOAT
    }


def operations(model: bytes) -> list[Node]:
    """All operations in their order, without their attributes.

    Raises:
        OnnxFormatError: not a model.
    """
    graph = _only(model, Span(0, len(model)), _GRAPH)
    return [_read_node(model, span) for number, span in _fields(model, graph) if number == _GRAPH_NODE]


def _read_node(model: bytes, node: Span) -> Node:
    texts: dict[int, list[str]] = {1: [], 2: [], 4: []}
    for number, span in _fields(model, node):
        if number in texts:
            texts[number].append(model[span.start : span.end].decode())
    if not texts[2] or len(texts[4]) != 1:
        raise OnnxFormatError("an operation without a name or a result")
    return Node(texts[4][0], tuple(texts[1]), texts[2][0], {}, others=tuple(texts[2][1:]))


def _place(model: bytes, tensor: Span) -> TensorPlace:
    data_type = _only(model, tensor, _TENSOR_TYPE)
    name = _only(model, tensor, _TENSOR_NAME)
    raw = _only(model, tensor, _TENSOR_RAW)
    sides = (_read_varint(model, span.start)[0] for number, span in _fields(model, tensor) if number == _TENSOR_SIDE)
    return TensorPlace(model[name.start : name.end].decode(), model[data_type.start], raw, tuple(sides))


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
    names = b"".join(_field(1, name) for name in node.inputs)
    names += b"".join(_field(2, name) for name in (node.output, *node.others))
    attributes = b"".join(_field(5, _attribute(*each)) for each in node.attributes.items())
    return names + _field(4, node.operator) + attributes + (_field(7, node.domain) if node.domain else b"")


def _attribute(name: str, value: float | Sequence[int]) -> bytes:
    if isinstance(value, int):
        return _field(1, name) + _field(3, value) + _field(20, _INT)
    if isinstance(value, float):
        return _field(1, name) + _varint(2 << 3 | _FIXED32) + struct.pack("<f", value) + _field(20, _FLOAT)
    return _field(1, name) + b"".join(_field(8, each) for each in value) + _field(20, _INTS)


def _tensor(name: str, value: NDArray[np.generic]) -> bytes:
    data_type = {"float32": FLOAT, "int64": 7}[value.dtype.name]
    dims = b"".join(_field(1, side) for side in value.shape)
    return dims + _field(2, data_type) + _field(8, name) + _field(9, value.tobytes())


def _value(name: str, shape: Sides) -> bytes:
    dims = b"".join(_field(1, _field(2 if isinstance(side, str) else 1, side)) for side in ("batch", *shape))
    return _field(1, name) + _field(2, _field(1, _field(1, FLOAT) + _field(2, dims)))
