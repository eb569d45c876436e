"""What a glucose sensor crowds out of the newest Observations is read apart.

Such a sensor has 288 values a day: after a few days the newest thousand are nothing else.
"""

from collections.abc import Mapping, Sequence

import structlog

from wherry.errors import Failure, Kind
from wherry.fhir.home import CGM
from wherry.ports import Fhir
from wherry.resource import Resource
from wherry_smart.summary.words import moment, taken_at

APART = 300
"""How many of each are read."""
_CROWDED: tuple[Mapping[str, str], ...] = (
    {"category": "vital-signs"},
    {"category": "laboratory", "code:not": ",".join(CGM)},
)

log = structlog.get_logger()


def crowded(observations: Sequence[Resource], limit: int) -> bool:
    """Whether as many were read as are read at most, and most are a sensor's."""
    sensed = sum(map(_is_sensed, observations))
    return len(observations) >= limit and 2 * sensed > len(observations)


def beside(fhir: Fhir, patient: str, newest: Sequence[Resource]) -> list[Resource]:
    """The newest vital signs and laboratory results that are not among these, newest first.

    A server that cannot search so leaves them out. Raises: Failure(UNAUTHENTICATED).
    """
    known = {one.get("id") for one in newest}
    found: dict[str, Resource] = {}
    for crowd in _CROWDED:
        asked = {"patient": patient, "_sort": "-date", "_count": str(APART), **crowd}
        try:
            more = fhir.search("Observation", asked, limit=APART)
        except Failure as failure:
            if failure.kind is Kind.UNAUTHENTICATED:
                raise
            log.info("part_not_read", part="Observation", kind=failure.kind.name)
            continue
        found |= {str(one.get("id")): one for one in more if one.get("id") not in known}
    return sorted(found.values(), key=_when, reverse=True)


def _is_sensed(observation: Resource) -> bool:
    codings = observation.get("code", {}).get("coding", [])
    return any(coding.get("code") in CGM for coding in codings)


def _when(observation: Resource) -> float:
    at = moment(taken_at(observation))
    return at.timestamp() if at else 0.0
