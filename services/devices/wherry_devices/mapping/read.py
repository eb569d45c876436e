"""A payload becomes readings by its source's template; what becomes none is named with a reason."""

from collections.abc import Mapping
from typing import Any

from wherry.errors import Failure, Kind
from wherry_devices.mapping.coverage import unmapped
from wherry_devices.mapping.instants import NOWHERE, Site
from wherry_devices.mapping.item import Item
from wherry_devices.mapping.reading import Batch, Reading, Withheld
from wherry_devices.mapping.template import Compiled


def read(payload: Any, compiled: Compiled, *, site: Site = NOWHERE) -> Batch:
    """Every reading of a payload, in its order. Pure: the same payload gives the same batch.

    Times after `site.received_at` are not believed; None lets all pass. A source that names no
    offset is read in `site.zone`. A payload that only tells of readings to fetch becomes none.
    Raises: Failure(UNPROCESSABLE) when the payload is not one of this source.
    """
    for rule in compiled.template.hint:
        if compiled.get(rule.when, payload, payload):
            return Batch(withheld=(Withheld(rule.reason, "payload", aside=False),))
    items = compiled.get(compiled.template.items, payload, payload)
    if not isinstance(items, list):
        raise Failure(Kind.UNPROCESSABLE, "not a payload of this source", at=_items(compiled))
    found: list[Reading | Withheld] = []
    places = _places(compiled, payload)
    for number, item in enumerate(items):
        at = places.get(id(item)) or f"{_items(compiled)}[{number}]"
        if isinstance(item, dict):
            found += Item(compiled, item, payload, at).read(site)
        else:
            found.append(Withheld("not-an-object", at))
    readings = [one for one in found if isinstance(one, Reading)]
    withheld = [one for one in found if isinstance(one, Withheld)]
    return Batch(tuple(readings), tuple(withheld), unmapped(payload, compiled.names))


def keys(payload: Any, compiled: Compiled) -> tuple[str, ...]:
    """The opaque keys of all devices and accounts that a payload names, in order, once each."""
    items = compiled.get(compiled.template.items, payload, payload)
    found: dict[str, None] = {}
    for item in items if isinstance(items, list) else ():
        for key in Item(compiled, item, payload, "").owners():
            if key is not None:
                found[key.opaque] = None
    return tuple(found)


def _places(compiled: Compiled, payload: Any) -> Mapping[int, str]:
    """Where each object stands, of a payload that has its items in more than one list."""
    if not compiled.template.items.startswith("[") or not isinstance(payload, dict):
        return {}
    return {
        id(one): f"{name}[{number}]"
        for name, several in payload.items()
        if isinstance(several, list)
        for number, one in enumerate(several)
    }


def _items(compiled: Compiled) -> str:
    text = compiled.template.items.removesuffix("[]")
    return "" if text == "[@]" else text
