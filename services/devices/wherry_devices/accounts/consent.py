"""A consent given for a patient becomes what has to be bound, or a conflict. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from wherry.errors import Failure, Kind
from wherry_devices.mapping.binding import Binding


def to_bind(existing: Sequence[Binding], wanted: Binding, now: datetime) -> Binding | None:
    """What to add to an account's bindings so that it is the patient's; None when it is already.

    `wanted` has no end. It begins where the same patient's last binding ended, and now at the
    earliest when the account was somebody else's before.
    Raises: Failure(CONFLICT) when it is somebody else's now, or will be.
    """
    start = wanted.valid_from
    for one in existing:
        same = one.patient == wanted.patient
        if same and one.valid_to is None:
            return None
        if one.valid_to is None or one.valid_to > now:
            if not same:
                raise Failure(
                    Kind.CONFLICT,
                    "this account is bound to another patient; end that binding first",
                    at="account",
                )
            start = max(start, one.valid_to or start)
        else:
            start = max(start, one.valid_to if same else now)
    return replace(wanted, valid_from=start)
