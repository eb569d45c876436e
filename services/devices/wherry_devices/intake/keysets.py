"""A signature of a vendor that changes its keys becomes a verdict, by the keys that it names."""

from dataclasses import replace
from datetime import datetime

from wherry_devices.intake.signature import MISSING, WRONG, Headers, Scheme, signature_of, verdict
from wherry_devices.intake.tink import key_id


def checked(scheme: Scheme, headers: Headers, body: bytes, *, now: datetime) -> str:
    """As `signature.verdict`; keys are fetched only for what has the shape of a signature.

    Raises: Failure(UNAVAILABLE) when the keys cannot be had: the vendor sends again.
    """
    if scheme.keysets is None:
        return verdict(scheme, headers, body, now=now)
    given = signature_of(scheme, headers)
    named = key_id(given)
    if named is None:
        return WRONG if given else MISSING
    return verdict(
        replace(scheme, secrets=(scheme.keysets.holding(named),)), headers, body, now=now
    )
