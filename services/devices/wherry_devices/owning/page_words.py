"""How fresh a device is and what it is bound to, in words for a person."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from wherry_devices.mapping.freshness import Cause, Evidence, State

STATES: Mapping[State, str] = {
    State.ON_TRACK: "On track",
    State.LATE: "Late",
    State.SILENT: "Silent",
    State.NEVER: "Never heard",
    State.UNSCHEDULED: "No schedule",
}
CAUSES: Mapping[Cause, str] = {
    Cause.NONE: "",
    Cause.CONSENT: "Access was taken back",
    Cause.CLOUD: "The vendor's cloud, or many devices at once",
    Cause.HUB: "The hub",
    Cause.CELLULAR: "The hub's mobile network",
    Cause.SENSOR: "The sensor",
    Cause.OWNER: "Whose readings they are",
    Cause.CLOCK: "The device's clock",
    Cause.DELAY: "Readings are delayed on the way",
    Cause.UNKNOWN: "Not known",
}
ASKED: Mapping[str, str] = {"nobody": "", "patient": "with the patient: ", "staff": "staff: "}
"""Who is to do what the advice says; it goes before it."""
KINDS: Mapping[str, str] = {
    "bp": "blood pressure",
    "cgm": "glucose sensor",
    "spo2": "oxygen saturation",
    "body_temp": "body temperature",
    "resp_rate": "respiratory rate",
    "hrv_sdnn": "heart rate variability",
    "pef": "peak flow",
    "fev1": "FEV1",
    "fvc": "FVC",
    "bmi": "BMI",
}
_SAID: Mapping[str, str] = {
    "access-refused": "the vendor refuses access",
    "vendor-away": "the vendor's cloud does not answer",
    "many-silent": "{value} are silent",
    "heartbeat-every-seconds": "the hub should be heard every {span}; last {at}",
    "cellular-dbm": "mobile network {value} dBm, {at}",
    "doubtful-owner": "the device does not know whom it measured, {at}",
    "not-this-patient": "readings came that belong to nobody, {at}",
    "battery-percent": "battery {value} %",
    "battery-level": "battery {value}",
    "rssi-dbm": "signal {value} dBm",
    "drift-seconds": "its clock is off by {span}",
    "time-to-come": "it said a time to come, {at}",
    "lag-seconds": "the last reading took {span} to come",
}
_STEPS = (
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
    (timedelta(seconds=1), "second"),
)


def span(length: timedelta) -> str:
    """A span of time in its largest unit: 2 days, 1 hour."""
    for step, unit in _STEPS:
        count = abs(length) // step
        if count:
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "no time"


def age(length: timedelta) -> str:
    """How long ago it was."""
    return f"{span(length)} ago" if length >= timedelta(minutes=1) else "just now"


def up(text: str) -> str:
    """The text as a sentence begins."""
    return text[:1].upper() + text[1:]


def kind_words(kind: str) -> str:
    """A kind of readings."""
    return KINDS.get(kind, kind.replace("_", " "))


def moments(zone: ZoneInfo) -> Callable[[datetime | float | None], str]:
    """Tells moments, also as seconds since 1970, by the clock on the wall of a zone."""

    def told(at: datetime | float | None) -> str:
        if at is None:
            return ""
        instant = datetime.fromtimestamp(at, UTC) if isinstance(at, float) else at
        local = instant.astimezone(zone)
        return f"{local.day} {local:%b %Y, %H:%M}"

    return told


def evidence_words(one: Evidence, zone: ZoneInfo) -> str:
    """What speaks for a cause."""
    seconds = float(one.value) if "{span}" in _SAID[one.what] else 0.0
    return _SAID[one.what].format(
        value=one.value, span=span(timedelta(seconds=seconds)), at=moments(zone)(one.at)
    )


def name_of_patient(patient: Mapping[str, object]) -> str:
    """The first name that a FHIR Patient goes by; "" when there is none."""
    names = patient.get("name")
    first = names[0] if isinstance(names, list) and names else {}
    if not isinstance(first, dict):
        return ""
    given = first.get("given") if isinstance(first.get("given"), list) else []
    parts = [*(given or []), first.get("family")]
    return str(first.get("text") or " ".join(part for part in parts if isinstance(part, str)))
