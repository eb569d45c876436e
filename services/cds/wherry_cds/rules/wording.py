"""Values, times and foreign texts in the words and Markdown of a card."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

# Source: GFM 0.29 §2.5: a character written as an entity never counts as structure
_ESCAPES = {ord(char): f"&#{ord(char)};" for char in "&<>|`*_[]#~\\@"}
_AUTOLINK = re.compile(r"(://|www\.)", re.IGNORECASE)
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")

# Source: UCUM, the units that inputs come in, as clinicians write them
_UNITS: Mapping[str, str] = {
    "/min": "/min",
    "{breaths}/min": "/min",
    "{beats}/min": "/min",
    "mm[Hg]": "mmHg",
    "Cel": "°C",
    "[degF]": "°F",
    "%": "%",
    "L/min": "L/min",
    "10*3/uL": "×10³/µL",
    "[pH]": "",
    "mL/(24.h)": "mL in 24 h",
    "a": "years",
    "1": "",
    "{score}": "",
}


def inline(text: str) -> str:
    """Foreign text as one line of Markdown that shows exactly its characters and does nothing."""
    plain = _INVISIBLE.sub(" ", text).strip().translate(_ESCAPES)
    return _AUTOLINK.sub(lambda found: found[0].replace(":", "&#58;").replace(".", "&#46;"), plain)


def plain(text: str, *, limit: int = 139) -> str:
    """Foreign text for the summary, which is no Markdown: markup is left out, not escaped."""
    line = _INVISIBLE.sub(" ", text).translate({ord(char): None for char in "<>&`|"}).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def quantity(value: str, unit: str) -> str:
    """A value with its unit, as a clinician writes it."""
    said = _UNITS.get(unit)
    return f"{inline(value)} {inline(unit) if said is None else said}".rstrip()


def moment(at: datetime) -> str:
    """A time with the offset that it was recorded with."""
    zone = "UTC" if at.utcoffset() == UTC.utcoffset(None) else at.isoformat()[-6:]
    return f"{at:%Y-%m-%d %H:%M} {zone}"


def age(observed_at: datetime | None, *, at: datetime, age_s: int | None = None) -> str:
    """How long before `at` something was observed."""
    if observed_at is None and age_s is None:
        return "age unknown"
    past = at - observed_at if observed_at is not None else timedelta(seconds=age_s or 0)
    span = ago(int(abs(past).total_seconds() // 60))
    return f"dated {span} ahead" if past < timedelta(0) else f"{span} ago"


def ago(minutes: int) -> str:
    """A span in one unit: minutes below two hours, hours below two days, then days."""
    if minutes < 1:
        return "under 1 min"
    if minutes < 120:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"
