"""The cards that checks look at: of every service, about several patients."""

from collections.abc import Iterator
from typing import Any

from tests.conformance.cds.check import NotApplicable, expect
from tests.conformance.cds.people import Kind, somebody
from tests.conformance.cds.target import Body, Target


def cards(target: Target) -> list[Body]:
    """Cards of every service about an ill patient and others; asked for once."""
    if not target.kept:
        for service in target.services:
            for kind in (Kind.ILL, Kind.BARE, Kind.EVIL, Kind.LONG):
                target.kept += target.cards(somebody(kind), service)
    expect(target.kept, "no service has a card about anybody")
    return target.kept


def having(target: Target, name: str) -> Iterator[tuple[Body, Any]]:
    """Each card that has this member, with it; not applicable when none has."""
    found = [(card, card[name]) for card in cards(target) if name in card]
    if not found:
        raise NotApplicable(f"no card has {name}")
    return iter(found)


def inside(target: Target, name: str) -> list[tuple[Body, Body]]:
    """Each member of this list on any card, with its card."""
    return [(card, one) for card, held in having(target, name) for one in held]
