"""Stored Observations of our own become the few facts that derived values are made of."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from wherry.fhir.quality import use_of
from wherry.fhir.systems import ACT_REASON, DEVICE_QUALITY, LOINC, UCUM, ours
from wherry.resource import Resource
from wherry_devices.mapping.vitals import PANELS, VITALS

_KINDS = {vital.code: kind for kind, vital in VITALS.items()}
_PANELS = frozenset(panel.code for panel in PANELS.values())
_SELF_MEASURED = "http://hl7.org/fhir/uv/cardx-htn-mng/StructureDefinition/self-measured-bp"
_STANDS = frozenset({"final", "amended", "corrected"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One number that stands, of one stored Observation.

    `name` is the value of its identifier, `version` the server's. `instant` is aware, in its own
    offset; with `civil` only the date was said. `home`: it was taken by the person at home.
    """

    reference: str
    version: str
    name: str
    kind: str
    value: Decimal
    ucum: str
    instant: datetime
    issued: datetime
    comparator: str = ""
    civil: bool = False
    home: bool = False
    tags: frozenset[str] = frozenset()

    @property
    def averaged(self) -> bool:
        """Whether its tags let it into an average."""
        return all(use_of(tag).averaged for tag in self.tags)

    @property
    def usual(self) -> bool:
        """Whether its tags let it into what is usual for a person."""
        return all(use_of(tag).usual for tag in self.tags)


def codes_of(kinds: Iterable[str]) -> tuple[str, ...]:
    """The LOINC codes by which Observations of these kinds are found: a part by its panel's."""
    vitals = [VITALS[kind] for kind in kinds]
    return tuple(dict.fromkeys(PANELS[one.panel].code if one.panel else one.code for one in vitals))


def system_of(source: str) -> str:
    """The identifier system of the readings of one source."""
    return ours("devices", source, "reading")


def facts(resources: Iterable[Resource]) -> list[Fact]:
    """Every number in these Observations that stands; what is not ours, or no number, is left."""
    return [fact for one in resources if one.get("status") in _STANDS for fact in _facts(one)]


def tags_of(resource: Resource) -> frozenset[str]:
    """Its quality tags; a test record is a demonstration by its label as well."""
    meta = resource.get("meta", {})
    found = {one.get("code", "") for one in meta.get("tag", ()) if one["system"] == DEVICE_QUALITY}
    labels = {(one.get("system"), one.get("code")) for one in meta.get("security", ())}
    return frozenset(found | ({"demo"} if (ACT_REASON, "HTEST") in labels else set()))


def _facts(resource: Resource) -> Iterator[Fact]:
    name = next((one["value"] for one in resource.get("identifier", ()) if _ours(one)), "")
    when = _when(resource)
    if not name or when is None:
        return
    instant, civil = when
    meta = resource.get("meta", {})
    code = _code(resource)
    for part in resource.get("component", ()) if code in _PANELS else (resource,):
        kind = _KINDS.get(_code(part), "")
        quantity = part.get("valueQuantity", {})
        if not kind or quantity.get("system") != UCUM or "value" not in quantity:
            continue
        yield Fact(
            reference=f"Observation/{resource['id']}",
            version=str(meta.get("versionId") or meta.get("lastUpdated", "")),
            name=name,
            kind=kind,
            value=Decimal(quantity["value"]),
            ucum=str(quantity.get("code", "")),
            instant=instant,
            issued=_instant(resource.get("issued", "")) or instant,
            comparator=str(quantity.get("comparator", "")),
            civil=civil,
            home=_SELF_MEASURED in meta.get("profile", ()),
            tags=tags_of(resource),
        )


def _ours(identifier: Mapping[str, Any]) -> bool:
    system = str(identifier.get("system", ""))
    return system.startswith(f"{ours('devices')}:") and system.endswith(":reading")


def _code(part: Mapping[str, Any]) -> str:
    codings = part.get("code", {}).get("coding", ())
    return next((str(one.get("code")) for one in codings if one.get("system") == LOINC), "")


def _when(resource: Resource) -> tuple[datetime, bool] | None:
    text = resource.get("effectiveDateTime") or resource.get("effectivePeriod", {}).get("start", "")
    if (found := _instant(text)) is not None:
        return found, False
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=UTC), True


def _instant(text: str) -> datetime | None:
    if "T" not in text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
