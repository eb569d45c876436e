"""Made-up scores of made-up people."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wherry_risk.monitoring.seen import Seen

AT = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def seen() -> Callable[..., Seen]:
    def made(patient: str = "p-1", *, hours: float = 0, **more: Any) -> Seen:
        given = {"probability": 0.1, "tier": "low", **more}
        return Seen(patient=patient, at=AT + timedelta(hours=hours), **given)

    return made
