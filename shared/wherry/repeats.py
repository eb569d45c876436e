"""An arrival and what came before it become a decision: the same again, its id used again, new."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from wherry.ports import Arrival, Kept, Receipt

ACCEPTED = "AA"
USED_AGAIN = "AE 205"  # HL7 table 0357: duplicate key identifier


@dataclass(frozen=True, slots=True)
class Before:
    """What came before under the control id of an arrival: any message, and the same bytes.

    An answer is None when there was no such message, empty when nobody knows it any more.
    """

    earlier_answer: str | None = None
    id: int = 0
    answer: str | None = None


def is_repeat(arrival: Arrival, first_answer: str) -> bool:
    """Whether the same bytes are the same message; what was refused and would not be now is new.

    A sender whose message was refused sends it again once somebody here has changed the rules.
    """
    if arrival.answer != ACCEPTED or first_answer in {"", ACCEPTED}:
        return True
    return arrival.reused is not None and first_answer == USED_AGAIN


def as_reused(arrival: Arrival, earlier_answer: str) -> Arrival:
    """An arrival whose control id stood for other bytes before, as its sender's rules want it."""
    rules = arrival.reused
    if rules is None or arrival.aside:
        return arrival
    return replace(arrival, aside=rules.aside, answer=rules.answer or earlier_answer)


@dataclass(slots=True)
class Sorting:
    """A group of arrivals in order: which are to be kept, by place, and the receipts of all."""

    new: dict[int, Arrival] = field(default_factory=dict)
    repeated: list[int] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)


def key(arrival: Arrival | Kept) -> tuple[str, str, str, str]:
    """What a control id is unique within, and the control id."""
    return arrival.source, arrival.channel, arrival.sender, arrival.control_id


def sort(arrivals: Sequence[Arrival], came: Sequence[Before], ids: Sequence[int]) -> Sorting:
    """Sort a group by what came before it, in the database and in the group itself.

    `ids` are those that new messages will get, in order: there are enough for all.
    """
    found = Sorting()
    here: dict[tuple[str, str, str, str], dict[bytes, Receipt]] = {}
    for place, (arrival, earlier) in enumerate(zip(arrivals, came, strict=True)):
        met = here.setdefault(key(arrival), {}) if arrival.control_id else {}
        known = _known(arrival, earlier, met)
        if known:
            found.repeated.append(known.id)
            found.receipts.append(known)
            continue
        before = next(reversed(met.values())).answer if met else earlier.earlier_answer
        was_refused = earlier.answer is not None or arrival.body in met  # and would not be now
        others = before is not None and not was_refused
        kept = as_reused(arrival, before or "") if others else arrival
        receipt = Receipt(ids[len(found.new)], kept.answer, reused=others)
        found.new[place] = kept
        found.receipts.append(receipt)
        met[arrival.body] = receipt
    return found


def _known(arrival: Arrival, earlier: Before, met: dict[bytes, Receipt]) -> Receipt | None:
    """The receipt of the same message, which came before."""
    twin = met.get(arrival.body)
    if twin is None and earlier.answer is not None:
        twin = Receipt(earlier.id, earlier.answer)
    if twin is None or not is_repeat(arrival, twin.answer):
        return None
    return replace(twin, repeated=True)
