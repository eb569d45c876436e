"""One weight that several paths tell of, and what the service makes of it; synthetic."""

from typing import Any

from tests.devices.harness import House

from wherry.resource import Resource

AT_S = 1_772_352_060  # 2026-03-01T08:01:00Z


def withings(number: int, weight: int, *, after_s: int = 0, **more: Any) -> dict[str, Any]:
    """A scale's answer in grams; synthetic."""
    group: dict[str, Any] = {
        "grpid": number,
        "attrib": 0,
        "date": AT_S + after_s,
        "modified": AT_S + 900,
        "category": 1,
    }
    group |= {"deviceid": "scale-1", "measures": [{"type": 1, "value": weight, "unit": -3}], **more}
    return {"status": 0, "body": {"timezone": "Europe/Berlin", "measuregrps": [group]}}


def phone(uuid: str, weight: str | None, *, at: str = "08:01:00", **more: Any) -> dict[str, Any]:
    """A phone that the scale told of it; synthetic."""
    when = f"2026-03-01T{at}+00:00"
    one = {"uuid": uuid, "type": "HKQuantityTypeIdentifierBodyMass", "value": weight, "unit": "kg"}
    one |= {"start": when, "end": when, "modifiedAt": "2026-03-01T08:20:00+00:00"}
    return {"account": "somebody", "samples": [one | {"wasUserEntered": 0} | more]}


def aggregator(weight: float) -> dict[str, Any]:
    """An aggregator that fetched it from the scale's vendor; synthetic."""
    point = {"timestamp": "2026-03-01T08:01:20+00:00", "timezone_offset": 3600, "id": None}
    point |= {"value": weight, "unit": "kg", "type": None}
    source = {"provider": "withings", "type": "scale"}
    return {
        "event_type": "daily.data.body_weight.created",
        "user_id": "somebody",
        "data": {"source": source, "data": [point]},
    }


DELIVERIES: list[tuple[str, Any]] = [
    ("withings", withings(1, 70530)),
    ("withings", withings(2, 70530, after_s=30)),
    ("healthkit", phone("u-1", "70.5")),
    ("healthkit", phone("u-2", "70.5", at="08:01:31")),
    ("healthkit", phone("u-3", "81.0")),
    ("healthkit", phone("u-3", "70.5", at="08:01:05", modifiedAt="2026-03-01T08:30:00+00:00")),
    ("junction", aggregator(70.5)),
    ("withings", withings(3, 88000, after_s=600)),
    ("healthkit", phone("u-4", "88.0", at="08:11:00")),
    ("withings", withings(3, 88500, after_s=600, modified=AT_S + 1800)),
]


def a_house() -> House:
    made = House()
    made.bind("scale-1")
    made.bind("somebody", kind="account", source="healthkit")
    made.bind("somebody", kind="account", source="junction")
    return made


def finished(house: House) -> House:
    house.work()
    for _ in range(2):
        house.paths.later()
        house.work()
    return house


def state(house: House) -> list[Resource]:
    """All that the server holds of Observations, apart from ids and versions."""
    out = []
    for one in house.fhir.all("Observation"):
        meta = {key: one["meta"][key] for key in ("profile", "tag") if key in one["meta"]}
        rest = {k: v for k, v in one.items() if k not in {"id", "meta", "device"}}
        out.append({**rest, "meta": meta})
    return sorted(out, key=lambda one: str(one["identifier"]))


def tags(one: Resource) -> list[str]:
    return [tag["code"] for tag in one["meta"].get("tag", ())]


def record(value: str) -> str:
    """What the source calls it, out of an identifier; Junction calls it by its time."""
    return value.split("/")[1]


def duplicates(house: House) -> dict[str, str]:
    """Which of the stored readings say that they are duplicates, and of which."""
    found = {}
    for one in house.fhir.all("Observation"):
        names = [said for said in one.get("derivedFrom", ()) if "identifier" in said]
        assert ("duplicate" in tags(one)) == bool(names)
        for said in names:
            mine, other = one["identifier"][0]["value"], said["identifier"]["value"]
            found[record(mine)] = record(other)
    return found
