"""Which kinds of messages have maps, and the segments that each of them cannot do without."""

from collections.abc import Mapping
from functools import cache

from wherry_hl7.mapping.shipped import shipped


@cache
def supported() -> Mapping[str, tuple[str, ...]]:
    """By kind, such as ADT^A01: what its structure needs, and what a feed must want beside it.

    A result may lack its PID by the standard, but one that is about nobody cannot be filed.
    """
    return {
        kind: () if plan.acknowledge_only else (*plan.needs, *plan.wants)
        for kind, plan in shipped().by_kind.items()
    }


@cache
def only_kept() -> frozenset[str]:
    """The kinds that are acknowledged and kept, and of which nothing is made."""
    plans = shipped().by_kind.items()
    return frozenset(kind for kind, plan in plans if plan.acknowledge_only)


@cache
def codes() -> frozenset[str]:
    """The message codes of which any event is supported, such as ADT."""
    return frozenset(kind.partition("^")[0] for kind in supported())
