"""Series become the patient's own usual range: what this patient is like, not what people are."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from wherry_smart.summary.words import moment

Json = Mapping[str, Any]

ENOUGH = 8
"""Values without which nothing is said."""
BEFORE = timedelta(hours=24)
"""What happened since then is what the usual range is there to be compared with."""


def baselines(series: Sequence[Json], *, now: datetime) -> list[Json]:
    """Median and 10th to 90th percentile of the values older than a day, by nearest rank.

    Only of series with enough of them; the percentiles are values that were recorded, so they keep
    their digits. It describes, and is no reference range.
    """
    return [found for row in series if (found := _baseline(row, now)) is not None]


def _baseline(row: Json, now: datetime) -> Json | None:
    held = sorted(
        (value, str(point["value"]), str(point["at"]))
        for point in row["points"]
        if not point["comparator"]
        and (at := moment(point["at"])) is not None
        and at < now - BEFORE
        and (value := _number(point["value"])) is not None
    )
    if len(held) < ENOUGH:
        return None
    return {
        "name": row["name"],
        "unit": row["unit"],
        "median": _ranked(held, 50),
        "low": _ranked(held, 10),
        "high": _ranked(held, 90),
        "count": len(held),
        "since": min((at for _, _, at in held), key=lambda at: moment(at) or now),
    }


def _ranked(held: Sequence[tuple[Decimal, str, str]], percent: int) -> str:
    place = max(0, -(-len(held) * percent // 100) - 1)
    return held[place][1]


def _number(text: Any) -> Decimal | None:
    try:
        number = Decimal(str(text))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
