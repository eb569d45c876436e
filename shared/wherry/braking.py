"""How messages of a sender ended becomes a brake on that sender, and says who may pass it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Stage(StrEnum):
    """COUNTING lets all pass, ON one message at a time, EASING those that wait, oldest first."""

    COUNTING = "counting"
    ON = "on"
    EASING = "easing"


@dataclass(frozen=True, slots=True)
class Braking:
    """Messages set aside in a row until the brake is on; pauses between two trials, in seconds."""

    limit: int = 100
    first_pause_s: float = 10.0
    longest_pause_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Brake:
    """How often a sender failed in a row; when so often that its map must be wrong, since when.

    `probe_id` is the message that is being tried, the next one not before `probe_at_s`. While the
    brake eases, messages up to `let_through` may go.
    """

    stage: Stage = Stage.COUNTING
    in_a_row: int = 0
    on_at_s: float = 0.0
    reason: str = ""
    probe_id: int = 0
    probe_at_s: float = 0.0
    pause_s: float = 0.0
    let_through: int = 0

    def passes(self, message_id: int) -> bool:
        """Whether a worker may take this message."""
        if self.stage is Stage.ON:
            return message_id == self.probe_id
        return self.stage is Stage.COUNTING or message_id <= self.let_through

    def wants_probe(self, now_s: float) -> bool:
        """Whether it is time to try one message."""
        return self.stage is Stage.ON and not self.probe_id and now_s >= self.probe_at_s


FREE = Brake()


@dataclass(frozen=True, slots=True)
class Ended:
    """One message that a worker was done with; `failed` when it was set aside as a whole."""

    id: int
    failed: bool
    reason: str = ""


def weigh(
    brake: Brake, ended: Sequence[Ended], braking: Braking, now_s: float
) -> tuple[Brake, frozenset[int]]:
    """The brake after these messages of one sender, and those that wait and are not set aside.

    What failed after the limit was reached waits until the brake is off: only the message that was
    being tried is set aside then.
    """
    in_order = sorted(ended, key=lambda one: one.id)
    last_good = max((n for n, one in enumerate(in_order) if not one.failed), default=-1)
    if last_good >= 0:
        brake = eased(brake)
    failed = in_order[last_good + 1 :]
    if brake.stage is Stage.ON:
        return _after_probe(brake, failed, braking, now_s)
    aside = failed[: braking.limit - brake.in_a_row]
    if not aside:
        return brake, frozenset()
    brake = replace(brake, in_a_row=brake.in_a_row + len(aside), reason=aside[-1].reason)
    if brake.in_a_row >= braking.limit:
        brake = replace(
            brake,
            stage=Stage.ON,
            on_at_s=now_s,
            probe_id=0,
            probe_at_s=now_s + braking.first_pause_s,
            pause_s=braking.first_pause_s,
            let_through=0,
        )
    return brake, frozenset(one.id for one in failed[len(aside) :])


def eased(brake: Brake) -> Brake:
    """The brake once a message passed, or once an operator let go: what waits goes on, in order."""
    if brake.stage is Stage.COUNTING:
        return FREE
    passed = brake.let_through if brake.stage is Stage.EASING else 0
    return Brake(Stage.EASING, let_through=passed)


def _after_probe(
    brake: Brake, failed: Sequence[Ended], braking: Braking, now_s: float
) -> tuple[Brake, frozenset[int]]:
    """A failed trial makes the pause longer; what was in hand when the brake came on waits."""
    others = frozenset(one.id for one in failed if one.id != brake.probe_id)
    probe = next((one for one in failed if one.id == brake.probe_id), None)
    if probe is None:
        return brake, others
    pause_s = min(2 * brake.pause_s, braking.longest_pause_s)
    tried = replace(
        brake,
        in_a_row=brake.in_a_row + 1,
        reason=probe.reason,
        probe_id=0,
        probe_at_s=now_s + pause_s,
        pause_s=pause_s,
    )
    return tried, others
