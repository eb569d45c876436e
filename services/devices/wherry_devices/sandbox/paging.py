"""A list becomes one page of it and where the next one begins."""

from collections.abc import Sequence
from typing import TypeVar

from wherry_devices.sandbox.deps import deps
from wherry_devices.sandbox.faults import DATA, DUPLICATE

T = TypeVar("T")


def page(
    vendor: str, items: Sequence[T], offset: int, size: int | None = None
) -> tuple[list[T], int]:
    """Items from `offset` on, and the next offset or 0.

    A fault makes the next page begin within this one, as when something came in between.
    """
    size = size or deps().page_size
    part = list(items[offset : offset + size])
    if offset + size >= len(items):
        return part, 0
    if size > 1 and deps().faults.take(vendor, DATA, frozenset({DUPLICATE})):
        return part, offset + size - 1
    return part, offset + size
