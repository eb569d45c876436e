"""The bytes of an ONNX file become the few facts that decide whether it may be loaded at all."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from wherry.errors import Failure, Kind

# Source: onnx.proto3, field numbers of ModelProto, GraphProto, NodeProto, AttributeProto and
# TensorProto; protobuf encoding, wire types 0 (varint), 1 (64 bit), 2 (bytes) and 5 (32 bit).
_IR_VERSION, _GRAPH, _OPSETS, _TRAINING, _FUNCTIONS = 1, 7, 8, 20, 25
_NODE, _INITIALIZER, _SPARSE = 1, 5, 15
_OP_TYPE, _ATTRIBUTE, _DOMAIN = 4, 5, 7
_ATTRIBUTE_GRAPHS = frozenset({6, 11})
_TENSOR_EXTERNAL, _TENSOR_LOCATION = 13, 14

Field = tuple[int, int | bytes]


@dataclass(slots=True)
class Contents:
    """What an ONNX file is made of; `operators` are (domain, type)."""

    ir_version: int = 0
    opsets: dict[str, int] = field(default_factory=dict)
    operators: set[tuple[str, str]] = field(default_factory=set)
    subgraphs: bool = False
    functions: bool = False
    external_data: bool = False


def contents(data: bytes) -> Contents:
    """What is in this file, read without a protobuf library.

    Raises: Failure(UNPROCESSABLE) when it is no protobuf message.
    """
    found = Contents()
    try:
        for number, value in _fields(data):
            _model_field(found, number, value)
    except (IndexError, TypeError, ValueError):
        raise Failure(Kind.UNPROCESSABLE, "the model file is damaged", at="model.onnx") from None
    return found


def _model_field(found: Contents, number: int, value: int | bytes) -> None:
    if number == _IR_VERSION:
        found.ir_version = int(value)
    elif number == _OPSETS:
        told = dict(_fields(_bytes(value)))
        found.opsets[_text(told.get(1, b""))] = int(told.get(2, 0))
    elif number == _GRAPH:
        for inner, part in _fields(_bytes(value)):
            _graph_field(found, inner, part)
    elif number in {_FUNCTIONS, _TRAINING}:
        found.functions = True


def _graph_field(found: Contents, number: int, value: int | bytes) -> None:
    if number == _NODE:
        _node(found, _bytes(value))
    elif number == _INITIALIZER:
        _tensor(found, _bytes(value))
    elif number == _SPARSE:
        found.external_data = True  # never used here, and may hide a tensor kept elsewhere


def _node(found: Contents, data: bytes) -> None:
    op_type, domain = "", ""
    for number, value in _fields(data):
        if number == _OP_TYPE:
            op_type = _text(value)
        elif number == _DOMAIN:
            domain = _text(value)
        elif number == _ATTRIBUTE:
            _attribute(found, _bytes(value))
    found.operators.add((domain, op_type))


def _attribute(found: Contents, data: bytes) -> None:
    for number, value in _fields(data):
        if number in _ATTRIBUTE_GRAPHS:
            found.subgraphs = True
        elif number in {5, 10}:  # a tensor, tensors
            _tensor(found, _bytes(value))


def _tensor(found: Contents, data: bytes) -> None:
    for number, value in _fields(data):
        if number == _TENSOR_EXTERNAL or (number == _TENSOR_LOCATION and value):
            found.external_data = True


def _fields(data: bytes) -> Iterator[Field]:
    place = 0
    while place < len(data):
        tag, place = _varint(data, place)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, place = _varint(data, place)
            yield number, value
            continue
        size, place = {1: (8, place), 5: (4, place)}.get(wire) or _varint(data, place)
        if wire not in {1, 2, 5} or place + size > len(data):
            raise ValueError("not a protobuf field")
        yield number, data[place : place + size]
        place += size


def _varint(data: bytes, place: int) -> tuple[int, int]:
    number = 0
    for shift in range(0, 70, 7):
        byte = data[place]
        place += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, place
    raise ValueError("a number without an end")


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise TypeError("a number in place of a message")
    return value


def _text(value: int | bytes) -> str:
    return _bytes(value).decode()
