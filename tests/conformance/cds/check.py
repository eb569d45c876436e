"""A check: a function that asks a server and fails with words; it names what it proves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conformance.cds.target import Target

Ask = Callable[["Target"], None]


class NotApplicable(Exception):
    """This server, or the way in which it is reached, leaves nothing to check; says why."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check; `id` is its place in the suite, `proves` are requirement ids of CDS Hooks 2.0."""

    id: str
    name: str
    proves: tuple[int, ...]
    ask: Ask

    @property
    def title(self) -> str:
        """Its name as a sentence."""
        return f"{self.id} {self.name.replace('_', ' ')}"


CHECKS: list[Check] = []
"""Every check of the modules that were imported, in their order."""


def check(id_: str, *proves: int) -> Callable[[Ask], Ask]:
    """Register a check under the requirements that it proves."""

    def register(ask: Ask) -> Ask:
        CHECKS.append(Check(id_, getattr(ask, "__name__", ""), proves, ask))
        return ask

    return register


def expect(condition: object, otherwise: str) -> None:
    """Fail with these words unless the condition holds; they hold no secret and no patient data."""
    if not condition:
        raise AssertionError(otherwise)


def equal(found: object, wanted: object, what: str) -> None:
    """Fail unless both are equal."""
    expect(found == wanted, f"{what}: {found!r} in place of {wanted!r}")


def among(found: object, wanted: tuple[object, ...], what: str) -> None:
    """Fail unless it is one of these."""
    expect(found in wanted, f"{what}: {found!r} in place of one of {wanted!r}")
