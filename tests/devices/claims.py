"""Made-up payloads for the claims about a device gateway, and what becomes of them."""

from typing import Any

from tests.devices.harness import NOW, SITE, TEMPLATES

from wherry.codec import encode
from wherry.resource import Reference, Resource
from wherry_devices.connectors import decoded
from wherry_devices.mapping.instants import Site
from wherry_devices.mapping.read import read
from wherry_devices.mapping.reading import Reading
from wherry_devices.mapping.translate import Payload, entries

SUBJECT: Reference = {"reference": "Patient/p1"}
TEMPLATE = """\
id: demo
version: "1"
title: A made-up source
items: "[@][]"
account: who
time: {iso: at}
codes:
  "*":
    - {kind: bp_systolic, number: sys, unit: "mm[Hg]"}
    - {kind: bp_diastolic, number: dia, unit: "mm[Hg]"}
"""


def readings(source: str, payload: Any, site: Site = SITE) -> tuple[Reading, ...]:
    return read(decoded(source, encode(payload)), TEMPLATES[source], site=site).readings


def resources(source: str, payload: Any, site: Site = SITE) -> list[Resource]:
    told, _ = entries(
        readings(source, payload, site), SUBJECT, TEMPLATES[source].template, Payload("0" * 64, NOW)
    )
    return [one["resource"] for one in told]


def sample(type_: str, value: Any, unit: str, **more: Any) -> dict[str, Any]:
    """A live sample of a phone; synthetic."""
    at = "2026-03-01T07:00:00-05:00"
    one = {"uuid": "u-1", "type": type_, "value": value, "unit": unit, "start": at, "end": at}
    one |= {"modifiedAt": at, "wasUserEntered": 0}
    return {"account": "somebody", "samples": [one | more]}


def frame(characteristic: str, value: str, **more: Any) -> dict[str, Any]:
    """A hub's report of one frame; synthetic."""
    one = {
        "characteristic": characteristic,
        "value_hex": value,
        "received_at": "2026-03-01T12:00:00Z",
        "peripheral": {"address": "aa:bb"},
        **more,
    }
    return {"hub": "hub-1", "frames": [one]}
