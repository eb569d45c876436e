"""The golden payloads of all sources, and what one change at one place makes of them."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck
from tests.devices.harness import TEMPLATES

from wherry.codec import decode, encode
from wherry_devices.connectors import decoded
from wherry_devices.mapping.instants import Site
from wherry_devices.mapping.read import read
from wherry_devices.mapping.reading import Batch
from wherry_devices.mapping.template import Compiled

SLOW = (HealthCheck.too_slow,)
"""A machine that is busy with other things is no defect of what is tested."""
FOLDER = Path(__file__).parents[1] / "golden" / "devices"
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Golden:
    """One payload with its source, as bytes; `zone` and `account` are what its site knows."""

    name: str
    source: str
    body: bytes
    site: Site

    @property
    def json(self) -> Any:
        """The payload as plain data, to be changed: what stands in JSON, or in XML."""
        return deepcopy(self._json)

    @property
    def _json(self) -> Any:
        return decode(self.body) if self.body.lstrip()[:1] in (b"{", b"[") else self.plain

    @property
    def plain(self) -> Any:
        """The payload as its connector lays it open."""
        return decoded(self.source, self.body)

    def read(self, changed: Any) -> Batch:
        """What becomes of it when this stands in it instead."""
        return self._read(changed, TEMPLATES[self.source])

    def without_rules(self, changed: Any) -> Batch:
        """The same, but for rules that leave items out: all numbers that are in it at all."""
        told = TEMPLATES[self.source].template
        return self._read(changed, Compiled(msgspec.structs.replace(told, drop=[], quarantine=[])))

    def _read(self, changed: Any, compiled: Compiled) -> Batch:
        return read(decoded(self.source, encode(changed)), compiled, site=self.site)


def goldens() -> list[Golden]:
    """All of them, in the order of their names."""
    return list(_goldens())


def places(value: Any, at: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every place in a payload with what stands there, lists and objects among it."""
    if at:
        yield at, value
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*at, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(inner, (*at, number))


def put(payload: Any, place: Place, value: Any) -> Any:
    """The payload with another value at a place; DROP takes away what stands there."""
    made = deepcopy(payload)
    inside = made
    for step in place[:-1]:
        inside = inside[step]
    if value is DROP:
        del inside[place[-1]]
    else:
        inside[place[-1]] = value
    return made


DROP = object()
_DEEP: list[Any] = []
for _ in range(60):
    _DEEP = [_DEEP]

_DIGITS = {ord(str(digit)): chr(0x0660 + digit) for digit in range(10)}

MUTATIONS: Mapping[str, Callable[[Any], Any]] = {
    "drop": lambda _: DROP,
    "null": lambda _: None,
    "true": lambda _: True,
    "empty": lambda _: "",
    "list": lambda value: [value],
    "object": lambda value: {"value": value},
    "huge": lambda _: 10**30,
    "tiny": lambda _: -(10**30),
    "nan": lambda _: "NaN",
    "word": lambda _: "Infinity",
    "text": lambda value: f" {value} ",
    "deep": lambda _: _DEEP,
    "nul": lambda value: f"{value}\x00",
    "other-digits": lambda value: str(value).translate(_DIGITS),
}
"""Ways to spoil what stands at a place; none of them says anything that a source could say."""


def _goldens() -> Iterator[Golden]:
    for path in sorted(FOLDER.glob("*/payload.*")):
        told = {one.stem: one.read_text().strip() for one in path.parent.glob("*.txt")}
        site = Site(told.get("zone", ""), account=told.get("account", ""))
        yield Golden(path.parent.name, told["source"], path.read_bytes(), site)
