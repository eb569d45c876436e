"""Who calls, and what of it is kept in the audit."""

from collections.abc import Iterable

from flask import g

from wherry_devices.deps import Deps
from wherry_devices.freshness.seen import Deed

SERVICE, LOCAL = "service", "local"
"""Whoever has the service token, or calls from this machine; the request id tells which call."""


def who(needs: Deps) -> str:
    """The caller's name."""
    return SERVICE if needs.token else LOCAL


def deed(needs: Deps, what: str, *, patient: str = "", key: str = "") -> Deed:
    """A deed of this request."""
    return Deed(who(needs), what, patient, key, f"request {g.get('request_id', '')}")


def note_read(needs: Deps, what: str, patients: Iterable[str], *, asked: str = "") -> None:
    """Keep who read about which patients, the one who was asked for among them in any case.

    Raises: Failure(UNAVAILABLE); then nothing may be shown.
    """
    ids = sorted({*patients, *filter(None, [asked])})
    needs.audit.note([deed(needs, what, patient=one) for one in ids])
