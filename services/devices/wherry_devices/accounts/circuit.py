"""How fetches of one vendor ended becomes whether the vendor is asked at all. Pure."""

from dataclasses import dataclass

from wherry.pausing import pause_s
from wherry_devices.vendors.protocol import Trouble

AWAY_AFTER = 5
"""So many different connections fail in a row before their vendor counts as away."""
_OUT_OF_REACH = frozenset({Trouble.AWAY, Trouble.CLIENT, Trouble.REFUSED, Trouble.UNAUTHORIZED})
"""One patient may leave; when five do in a row, it is rather the vendor, and others are spared."""
_FIRST_PAUSE = 3  # 2^3 seconds, then twice as long each time


@dataclass(frozen=True, slots=True)
class Circuit:
    """Connections that failed since one did not; since when the vendor is away, 0 when it is not.

    Nobody asks before `free_s`; times are seconds since 1970. `probes`: how often a vendor who is
    away was tried.
    """

    failing: tuple[str, ...] = ()
    probes: int = 0
    away_since_s: float = 0.0
    free_s: float = 0.0

    @property
    def is_away(self) -> bool:
        """Whether the vendor does not answer."""
        return self.away_since_s > 0


CLOSED = Circuit()


def after(
    circuit: Circuit, trouble: Trouble | None, *, id_: str, source: str, now_s: float, wish_s: float
) -> Circuit:
    """The circuit once the fetch of connection `id_` ended so.

    `wish_s`: seconds for which the vendor asked to be left alone. One connection that fails again
    and again says nothing of the others.
    """
    free_s = max(circuit.free_s, now_s + wish_s) if wish_s else circuit.free_s
    if trouble is Trouble.BUSY:
        return Circuit(circuit.failing, circuit.probes, circuit.away_since_s, free_s)
    if trouble is None:
        return CLOSED if circuit.is_away else Circuit(free_s=circuit.free_s)
    if trouble not in _OUT_OF_REACH:
        return circuit
    failing = tuple(dict.fromkeys((*circuit.failing, id_)))[:AWAY_AFTER]
    if len(failing) < AWAY_AFTER:
        return Circuit(failing, 0, 0.0, free_s)
    pause = pause_s(circuit.probes + _FIRST_PAUSE, at_least_s=wish_s, spread=source)
    since_s = circuit.away_since_s or now_s
    return Circuit(failing, circuit.probes + 1, since_s, now_s + pause)
