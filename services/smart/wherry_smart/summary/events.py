"""Stays, alerts and deeds become the events that stand beside the trend, in time order."""

from collections.abc import Mapping, Sequence
from typing import Any

from wherry.resource import Resource
from wherry_smart.summary.words import concept, moment

Json = Mapping[str, Any]

ADMITTED, DISCHARGED, ROSE, DONE = "admitted", "discharged", "rose", "done"


def events(
    encounters: Sequence[Resource], alerts: Sequence[Json], deeds: Sequence[Json]
) -> list[Json]:
    """Events with an instant, oldest first."""
    found = [
        *(event for each in encounters for event in _stay(each)),
        *(_event(each["at"], ROSE, f"{each['model']} rose to {each['tier']}") for each in alerts),
        *(
            _event(each["at"], DONE, str(each["what"]))
            for each in deeds
            if each["what"] in {"acknowledged", "snoozed", "noted", "ordered"}
        ),
    ]
    timed = [(at, each) for each in found if (at := moment(each["at"])) is not None]
    return [each for _, each in sorted(timed, key=lambda pair: pair[0])]


def _stay(encounter: Resource) -> list[Json]:
    period = encounter.get("period", {})
    named = concept(next(iter(encounter.get("type", [])), None)) or "the stay"
    ends = (("start", ADMITTED, "began"), ("end", DISCHARGED, "ended"))
    return [
        _event(str(period[end]), kind, f"{named} {verb}")
        for end, kind, verb in ends
        if period.get(end)
    ]


def _event(at: str, kind: str, text: str) -> Json:
    return {"at": at, "kind": kind, "text": text}
