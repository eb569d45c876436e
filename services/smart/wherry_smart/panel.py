"""What every panel's answer has: whom it is about, when it was made, what is missing of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Response

from wherry.codec import encode
from wherry_smart.deeds import Deed
from wherry_smart.protocol.launches import Session
from wherry_smart.summary.chart import Problem


def panel(session: Session, problems: Sequence[Problem], *, now: datetime, **more: Any) -> Response:
    """A panel's JSON."""
    said = [{"part": each.part, "text": each.text} for each in problems]
    shown = {"patient_id": session.patient, "shown_at": now.isoformat()}
    return json({**shown, **more, "problems": said})


def json(value: Mapping[str, Any], status: int = 200) -> Response:
    """A JSON answer."""
    return Response(encode(value), status=status, content_type="application/json")


def told(deed: Deed) -> dict[str, Any]:
    """A deed as the page shows it."""
    return {
        "id": deed.id,
        "at": deed.at.isoformat(),
        "person": deed.person,
        "what": deed.what.value,
        "about": deed.about,
        "reason": deed.reason,
        "note": deed.note,
        "until": deed.until.isoformat() if deed.until else None,
    }
