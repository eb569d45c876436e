"""The text of a map file becomes its data and the line of every part of it."""

import re
from typing import Any, ClassVar, TypeVar

import msgspec
import yaml

from wherry.errors import Failure, Kind

_Shape = TypeVar("_Shape")
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BOOLEAN = "tag:yaml.org,2002:bool"


class _Loader(_BASE):  # type: ignore[misc]  # one of two classes with the same ways
    """Only true and false are yes and no, as in YAML 1.2: off, on, no and NO are texts."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        first: [(tag, found) for tag, found in listed if tag != _BOOLEAN]
        for first, listed in _BASE.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver(_BOOLEAN, re.compile(r"true|false"), ["t", "f"])


class Read:
    """One map file: `data` by name, and where each of them stands."""

    __slots__ = ("_node", "data", "path")

    def __init__(self, path: str, data: dict[str, Any], node: yaml.Node | None) -> None:
        self.path = path
        self.data = data
        self._node = node

    def at(self, *steps: str | int) -> str:
        """file:line of a part, or of the deepest part of the way to it that there is."""
        node, line = self._node, self._node.start_mark.line if self._node else 0
        for step in steps:
            if isinstance(node, yaml.MappingNode):
                pair = next((pair for pair in node.value if pair[0].value == step), None)
                if pair is None:
                    break
                line, node = pair[0].start_mark.line, pair[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                if not 0 <= step < len(node.value):
                    break
                node = node.value[step]
                line = node.start_mark.line
            else:
                break
        return f"{self.path}:{line + 1}"


def read(text: str, path: str) -> Read:
    """Read a map file. Raises: Failure(INVALID) at file:line."""
    try:
        node = yaml.compose(text, Loader=_Loader)
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "not YAML"
        raise Failure(Kind.INVALID, problem, at=f"{path}:{line}") from None
    if not isinstance(data, dict):
        raise Failure(Kind.INVALID, "a map file holds names and what they mean", at=f"{path}:1")
    _refuse_doubles(node, path)
    return Read(path, data, node)


def shaped(found: Read, steps: tuple[str | int, ...], data: Any, shape: type[_Shape]) -> _Shape:
    """`data`, which stands at `steps`, as what it must be.

    Raises: Failure(INVALID) at file:line.
    """
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        said, _, where = str(error).partition(" - at `$")
        deeper = re.findall(r"[^.\[\]`]+", where.partition("[...]")[0])
        unknown = re.findall(r"unknown field `(\w+)`", said)
        raise Failure(Kind.INVALID, said, at=found.at(*steps, *deeper, *unknown)) from None


def _refuse_doubles(node: yaml.Node | None, path: str) -> None:
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                raise Failure(
                    Kind.INVALID,
                    f"{key.value} is there twice",
                    at=f"{path}:{key.start_mark.line + 1}",
                )
            seen.add(key.value)
            _refuse_doubles(value, path)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _refuse_doubles(value, path)
