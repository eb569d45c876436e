"""An Observation becomes where it came from: system, device, message; each source is told once."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from wherry.resource import Resource
from wherry_smart.summary.words import concept, moment

_OURS = "urn:wherry:"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)

# First part of our own meta.source → what a reader calls such a source
_KINDS = {"hl7": "HL7 v2 feed", "devices": "Device readings", "risk": "Risk service"}


_FIELDS = ("system", "device", "message", "sent_at", "received_at")


class Sources:
    """The list of sources of one summary; values point into it by number."""

    def __init__(self, provenances: Sequence[Resource], devices: Mapping[str, Resource]) -> None:
        self._devices = devices
        self._told = targets(provenances)
        self._numbers: dict[tuple[str, ...], int] = {}
        self._same: dict[tuple[str, str, str, int], int] = {}

    def number(self, observation: Resource) -> int:
        """The number of this Observation's source.

        A record has thousands of values and a handful of sources: what is told of one is told of
        all that name the same system, device and message.
        """
        device = observation.get("device", {})
        provenance = self._told.get(f"Observation/{observation.get('id', '')}")
        same = (
            str(observation.get("meta", {}).get("source", "")),
            str(device.get("reference", "")),
            str(device.get("display", "")),
            id(provenance),
        )
        if same not in self._same:
            told = tuple(self._tell(observation).values())
            self._same[same] = self._numbers.setdefault(told, len(self._numbers))
        return self._same[same]

    def numbers(self, observations: Sequence[Resource]) -> Mapping[str, int]:
        """The number of the source of each Observation, by its reference."""
        return {f"Observation/{each.get('id', '')}": self.number(each) for each in observations}

    def listed(self) -> list[Mapping[str, str]]:
        """All that were asked for, in the order of their numbers."""
        return [dict(zip(_FIELDS, told, strict=True)) for told in self._numbers]

    def _tell(self, observation: Resource) -> dict[str, str]:
        reference = f"Observation/{observation.get('id', '')}"
        provenance = self._told.get(reference, {})
        said = str(observation.get("meta", {}).get("source", ""))
        told = {
            "system": _system(said) or _agent(provenance),
            "device": self._device(observation),
            "message": _message(provenance),
            "sent_at": str(provenance.get("occurredDateTime", "")),
            "received_at": str(provenance.get("recorded", "")),
        }
        return {name: told[name] for name in _FIELDS}

    def _device(self, observation: Resource) -> str:
        named: Mapping[str, Any] = observation.get("device", {})
        device = self._devices.get(str(named.get("reference", "")), {})
        names = [str(each.get("name", "")) for each in device.get("deviceName", [])]
        made = " ".join(
            str(device[part]) for part in ("manufacturer", "modelNumber") if device.get(part)
        )
        said = (*names, made, named.get("display"), concept(device.get("type")))
        return next((str(each) for each in said if each), "")


def targets(provenances: Sequence[Resource]) -> dict[str, Resource]:
    """The newest Provenance of each Observation."""
    found: dict[str, Resource] = {}
    for provenance in sorted(provenances, key=_recorded, reverse=True):
        for target in provenance.get("target", []):
            reference = str(target.get("reference", "")).partition("/_history/")[0]
            found.setdefault("/".join(reference.split("/")[-2:]), provenance)
    return found


def _recorded(provenance: Resource) -> tuple[bool, datetime]:
    at = moment(str(provenance.get("recorded", "")))
    return (False, _LONG_AGO) if at is None else (True, at)


def _system(source: str) -> str:
    """`meta.source` in words; what another system wrote there is shown as it is."""
    source = source.partition("#")[0]  # what follows names the one message, as Provenance does
    if not source.startswith(_OURS):
        return source
    kind, *names = (unquote(part) for part in source.removeprefix(_OURS).split(":"))
    sender = ", ".join(filter(None, names))
    shown = _KINDS.get(kind, kind)
    return f"{shown}, {sender}" if sender else shown


def _agent(provenance: Mapping[str, Any]) -> str:
    agents = [each.get("who", {}) for each in provenance.get("agent", [])]
    return next((str(who["display"]) for who in agents if who.get("display")), "")


# Enough of a payload's digest to find it by, on a page that people read
_DIGEST = re.compile(r"^(sha256:[0-9a-f]{12})[0-9a-f]{52}$")


def _message(provenance: Mapping[str, Any]) -> str:
    """Kind and number of the source message."""
    for entity in provenance.get("entity", []):
        what: Mapping[str, Any] = entity.get("what", {})
        number = _DIGEST.sub(r"\1…", str(what.get("identifier", {}).get("value", "")))
        if told := " ".join(filter(None, (str(what.get("display", "")), number))):
            return told
    return ""
