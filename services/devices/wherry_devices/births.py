"""When patients were born, asked of the FHIR server once in a while; never logged."""

import time
from collections import OrderedDict
from collections.abc import Callable

from wherry.errors import ABSENT, Failure, Kind
from wherry.ports import Fhir

_MOST = 10_000


class Births:
    """Dates of birth by patient id, kept for `for_s`; of too many the oldest go first."""

    def __init__(
        self, fhir: Fhir, clock: Callable[[], float] = time.monotonic, for_s: float = 3600.0
    ) -> None:
        self._fhir, self._clock, self._for_s = fhir, clock, for_s
        self._known: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def of(self, patient: str) -> str:
        """A FHIR date of any precision; empty when the record has none, or there is no record.

        Raises: Failure(UNAVAILABLE) when nobody answers: an age is never taken for unknown then.
        """
        until, born = self._known.get(patient, (0.0, ""))
        if self._clock() < until:
            return born
        born = self._asked(patient)
        self._known[patient] = (self._clock() + self._for_s, born)
        self._known.move_to_end(patient)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return born

    def _asked(self, patient: str) -> str:
        try:
            said = self._fhir.read("Patient", patient).get("birthDate", "")
        except Failure as failure:
            if failure.kind in ABSENT:
                return ""
            if failure.kind.again:
                raise
            # whatever it is, no payload is to blame for it: all of them wait
            raise Failure(Kind.UNAVAILABLE, "nobody tells dates of birth", at="Patient") from None
        return said if isinstance(said, str) else ""
