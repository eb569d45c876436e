"""A JSON Patch, applied to a JSON value. Pure. Source: RFC 6902, RFC 6901."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any, NoReturn

from wherry.errors import Failure, Kind

MAX_OPERATIONS = 1000
_NEEDS = {
    "add": ("path", "value"),
    "remove": ("path",),
    "replace": ("path", "value"),
    "move": ("path", "from"),
    "copy": ("path", "from"),
    "test": ("path", "value"),
}
Pointer = list[str]


def patched(document: Any, operations: Any) -> Any:
    """A new value with all operations done, in order.

    Raises: Failure(INVALID) at an operation that is none, Failure(UNPROCESSABLE) at one that does
    not fit the document or whose test fails; then nothing is done.
    """
    if not isinstance(operations, list) or len(operations) > MAX_OPERATIONS:
        text = f"a JSON Patch is a list of at most {MAX_OPERATIONS} operations"
        raise Failure(Kind.INVALID, text, at="patch")
    value = deepcopy(document)
    for n, operation in enumerate(operations):
        at = f"patch[{n}]"
        value = _OPERATIONS[_checked(operation, at)](value, operation, at)
    return value


def _checked(operation: Any, at: str) -> str:
    op = operation.get("op") if isinstance(operation, dict) else None
    if not isinstance(op, str) or op not in _NEEDS:
        raise Failure(Kind.INVALID, f"op is one of {', '.join(_NEEDS)}", at=f"{at}.op")
    for name in _NEEDS[op]:
        if name not in operation:
            raise Failure(Kind.INVALID, f"{op} needs {name}", at=f"{at}.{name}")
    return op


def _pointer(operation: dict[str, Any], name: str, at: str) -> Pointer:
    text = operation[name]
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise Failure(Kind.INVALID, "not a JSON Pointer", at=f"{at}.{name}")
    if "~" in text.replace("~0", "").replace("~1", ""):
        raise Failure(Kind.INVALID, "not a JSON Pointer", at=f"{at}.{name}")
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def _add(value: Any, operation: dict[str, Any], at: str) -> Any:
    return _put(value, _pointer(operation, "path", at), deepcopy(operation["value"]), at)


def _remove(value: Any, operation: dict[str, Any], at: str) -> Any:
    return _taken(value, _pointer(operation, "path", at), at)


def _replace(value: Any, operation: dict[str, Any], at: str) -> Any:
    path = _pointer(operation, "path", at)
    _held(value, path, at)
    if not path:
        return deepcopy(operation["value"])
    holder, key = _holder(value, path, at)
    holder[key] = deepcopy(operation["value"])
    return value


def _move(value: Any, operation: dict[str, Any], at: str) -> Any:
    source, path = _pointer(operation, "from", at), _pointer(operation, "path", at)
    if path[: len(source)] == source and path != source:
        raise Failure(Kind.UNPROCESSABLE, "nothing can be moved into itself", at=at)
    moved = _held(value, source, at)
    return value if path == source else _put(_taken(value, source, at), path, moved, at)


def _copy(value: Any, operation: dict[str, Any], at: str) -> Any:
    found = _held(value, _pointer(operation, "from", at), at)
    return _put(value, _pointer(operation, "path", at), deepcopy(found), at)


def _test(value: Any, operation: dict[str, Any], at: str) -> Any:
    if not _same(_held(value, _pointer(operation, "path", at), at), operation["value"]):
        raise Failure(Kind.UNPROCESSABLE, "the test failed", at=at)
    return value


_OPERATIONS: dict[str, Callable[[Any, dict[str, Any], str], Any]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}


def _held(value: Any, path: Pointer, at: str) -> Any:
    for part in path:
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list):
            value = value[_place(part, len(value) - 1, at)]
        else:
            _nothing(at)
    return value


def _holder(value: Any, path: Pointer, at: str) -> tuple[Any, Any]:
    """What holds the end of the path, and the key in it; the end may not be there yet."""
    holder = _held(value, path[:-1], at)
    if isinstance(holder, list):
        return holder, path[-1] if path[-1] == "-" else _place(path[-1], len(holder), at)
    return (holder, path[-1]) if isinstance(holder, dict) else _nothing(at)


def _put(value: Any, path: Pointer, new: Any, at: str) -> Any:
    if not path:
        return new
    holder, key = _holder(value, path, at)
    if isinstance(holder, list):
        holder.insert(len(holder) if key == "-" else key, new)
    else:
        holder[key] = new
    return value


def _taken(value: Any, path: Pointer, at: str) -> Any:
    _held(value, path, at)
    if not path:
        raise Failure(Kind.UNPROCESSABLE, "the whole resource cannot be removed", at=at)
    holder, key = _holder(value, path, at)
    del holder[key]
    return value


def _place(part: str, last: int, at: str) -> int:
    """A place in a list: digits without leading zeros. Source: RFC 6901, 4."""
    if not (part.isascii() and part.isdigit() and len(part) < 10 and str(int(part)) == part):
        _nothing(at)
    return int(part) if int(part) <= last else _nothing(at)


def _nothing(at: str) -> NoReturn:
    raise Failure(Kind.UNPROCESSABLE, "the path leads to nothing in the resource", at=at)


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: true is not 1. Source: RFC 6902, 4.6."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)
