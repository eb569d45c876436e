"""Messages of synthetic patients whose order only their processing can tell: one second for all.

A family is one person under two numbers, A and B, of whom each gets results, corrections and
changes of address, until an ADT^A40 says that both are one; later ones come under either number.
"""

from collections.abc import Iterator
from dataclasses import dataclass

AT = "20260105120000+0000"
RATE, LAST = "8867-4", "8310-5"
_MERGED_AFTER = 2 / 3
_MOVES_EVERY = 7


@dataclass(frozen=True, slots=True)
class Family:
    """One person and `count` messages about them, numbered from 0."""

    name: str
    count: int

    @property
    def numbers(self) -> tuple[str, str]:
        """Medical record numbers: the one that stays, and the one that is merged into it."""
        return f"{self.name}A", f"{self.name}B"

    @property
    def merged_at(self) -> int:
        """The number of the ADT^A40."""
        return max(2, int(self.count * _MERGED_AFTER))

    def mrn(self, number: int) -> str:
        """Under which medical record number a message comes."""
        return self.numbers[number % 2]

    def results(self) -> list[int]:
        """Numbers of the messages that bring a result and a correction."""
        return [n for n in range(2, self.count) if n != self.merged_at and not self._moves(n)]

    def moves(self) -> list[int]:
        """Numbers of the messages that bring a new address of A, the first one included."""
        return [0, *(n for n in range(2, self.count) if n != self.merged_at and self._moves(n))]

    def messages(self) -> Iterator[bytes]:
        """All in their order."""
        for number in range(self.count):
            yield self.message(number)

    def message(self, number: int) -> bytes:
        """One of them."""
        stays, goes = self.numbers
        if number == 0:
            lines = _adt("A01", self._id(number), stays, number)
        elif number == 1:
            lines = _adt("A01", self._id(number), goes, number)
        elif number == self.merged_at:
            lines = _merge(self._id(number), stays, goes)
        elif self._moves(number):
            lines = _adt("A08", self._id(number), stays, number)
        else:
            lines = _result(self._id(number), self.mrn(number), number)
        return ("\r".join(lines) + "\r").encode()

    def _id(self, number: int) -> str:
        return f"{self.name}-{number}"

    def _moves(self, number: int) -> bool:
        return number % _MOVES_EVERY == 0


def _head(kind: str, control_id: str) -> str:
    return rf"MSH|^~\&|LOAD|FAULTS|WHERRY|SITE|{AT}||{kind}|{control_id}|P|2.5.1"


def _adt(event: str, control_id: str, mrn: str, number: int) -> list[str]:
    return [
        _head(f"ADT^{event}^ADT_A01", control_id),
        f"EVN|{event}|{AT}",
        f"PID|1||{mrn}^^^FAULTS^MR||Synthetic||19600101|F|||{number} Test Street^^Sampletown",
        "PV1|1|I|WARD^1^A" + "|" * 16 + f"V{mrn}^^^FAULTS^VN",
    ]


def _merge(control_id: str, stays: str, goes: str) -> list[str]:
    return [
        _head("ADT^A40^ADT_A39", control_id),
        f"EVN|A40|{AT}",
        f"PID|1||{stays}^^^FAULTS^MR||Synthetic||19600101|F",
        f"MRG|{goes}^^^FAULTS^MR",
    ]


def _result(control_id: str, mrn: str, number: int) -> list[str]:
    """One order of its own for each number, and one that every number corrects."""
    order, last = f"{mrn}-{number}^LOAD", f"{mrn}-LAST^LOAD"
    return [
        _head("ORU^R01^ORU_R01", control_id),
        f"PID|1||{mrn}^^^FAULTS^MR||Synthetic||19600101|F",
        f"OBR|1||{order}|{RATE}^Heart rate^LN|||{AT}" + "|" * 18 + "F",
        f"OBX|1|NM|{RATE}^Heart rate^LN||{number}|/min^^UCUM|||||F|||{AT}",
        f"OBR|2||{last}|{LAST}^Body temperature^LN|||{AT}" + "|" * 18 + "C",
        f"OBX|1|NM|{LAST}^Body temperature^LN||{number}|Cel^^UCUM|||||C|||{AT}",
    ]
