"""What went wrong in a fetch becomes when the connection is due again. Pure."""

from wherry.errors import Failure
from wherry.pausing import pause_s
from wherry_devices.accounts.connections import Connection, Ended
from wherry_devices.accounts.registration import Registration
from wherry_devices.vendors.protocol import Trouble

_FIRST_PAUSE = 3  # 2^3 seconds, then twice as long each time
_FOR_A_PERSON = frozenset(
    {Trouble.CLIENT, Trouble.MALFORMED, Trouble.REFUSED, Trouble.UNAUTHORIZED}
)
_BELIEVED_AFTER = 3
"""So many times in a row a vendor has to refuse the token that it gave just now."""


def ended_by(trouble: Trouble, failure: Failure, *, of: Connection, at: Registration) -> Ended:
    """A vendor who is busy or away is asked again soon, and not before the time that it names.

    What a person has to mend is tried no more often than when all is well.
    """
    again_s = pause_s(of.failures + _FIRST_PAUSE, spread=of.id)
    if trouble in _FOR_A_PERSON:
        return Ended(trouble, again_s=max(again_s, at.interval_s))
    return Ended(trouble, again_s=max(again_s, failure.after_s), vendor_pause_s=failure.after_s)


def of_new_token(found: Trouble, *, of: Connection) -> Trouble:
    """What a trouble means when the vendor gave the token just now.

    A consent that is over gives no tokens. So a refusal of data is rather a trouble of the vendor,
    which must not cost everybody their consent; it is believed when it stays.
    """
    if found is Trouble.REFUSED and of.failures < _BELIEVED_AFTER - 1:
        return Trouble.UNAUTHORIZED
    return found
