"""A check: a function that launches an app and fails with words; it names what it proves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conformance.smart_client.app import App

Ask = Callable[["App"], None]


@dataclass(frozen=True, slots=True)
class Check:
    """One check; `proves` are requirement ids of SMART App Launch 2.2."""

    name: str
    proves: tuple[int, ...]
    ask: Ask

    @property
    def title(self) -> str:
        """Its name as a sentence."""
        return self.name.replace("_", " ")


CHECKS: list[Check] = []
"""Every check of the modules that were imported, in their order."""


def proves(*ids: int) -> Callable[[Ask], Ask]:
    """Register a check under what it proves; without ids it is of another standard."""

    def register(ask: Ask) -> Ask:
        CHECKS.append(Check(getattr(ask, "__name__", ""), ids, ask))
        return ask

    return register


def expect(condition: object, otherwise: str) -> None:
    """Fail with these words unless the condition holds; they hold no secret and no patient data."""
    if not condition:
        raise AssertionError(otherwise)


def equal(found: object, wanted: object, what: str) -> None:
    """Fail unless both are equal."""
    expect(found == wanted, f"{what}: {found!r} in place of {wanted!r}")
