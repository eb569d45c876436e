"""The register of what maps may name: converters of values and functions over a segment."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])

CONVERTERS: dict[str, Callable[..., Any]] = {}
"""`as: NAME`. Called with (rep, at, **with); gives the value, a list of values, or None."""

WRITERS: dict[str, Callable[..., None]] = {}
"""`as: NAME` for primitives with a sibling. Called with (out, element, text, place, at)."""

FUNCTIONS: dict[str, Callable[..., Any]] = {}
"""`fn: NAME`. Called with (source, out, at, **with); writes into `out`.

In an identity: called with (source, at), gives an Identifier or None. In `before` and `after` of a
structure: called with (run)."""


def converter(*names: str) -> Callable[[_Function], _Function]:
    """Register a converter under these names."""
    return _register(CONVERTERS, names)


def writer(*names: str) -> Callable[[_Function], _Function]:
    """Register a writer under these names."""
    return _register(WRITERS, names)


def function(*names: str) -> Callable[[_Function], _Function]:
    """Register a function under these names."""
    return _register(FUNCTIONS, names)


def _register(
    register: dict[str, Callable[..., Any]], names: tuple[str, ...]
) -> Callable[[_Function], _Function]:
    def keep(one: _Function) -> _Function:
        for name in names:
            if register.setdefault(name, one) is not one:
                raise ValueError(f"two are called {name}")
        return one

    return keep


def known() -> Mapping[str, frozenset[str]]:
    """All names, by the word that uses them."""
    return {"as": frozenset(CONVERTERS) | frozenset(WRITERS), "fn": frozenset(FUNCTIONS)}
