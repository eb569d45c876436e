"""A place and the next segment → where that segment belongs: the rules of tolerant grouping."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from wherry_hl7.grammar.plan import Node, Step

STAY = Step(0, (), None, False)
"""A segment that the structure does not know stays with what is open."""

ASIDE = Step(0, (), None, True)
"""A segment that the structure knows, but not here nor anywhere near."""

FLOATING = frozenset({"NTE", "ROL", "PRT"})
"""They belong to what is before them: they never skip what is required, nor go back."""

OPENERS = frozenset({"MSH", "PID"})
"""They begin anew whatever is open: a second patient ends the orders of the first."""

_Found = Callable[[Node], Node | None]


def step(here: Node, name: str, accepts: Callable[[Node], bool]) -> Step:
    """The way from a place to the segment of this name; `accepts` may refuse a place.

    First as the grammar says, from the innermost group outwards: what follows here, then another
    repetition. Else past what is missing, or back to an earlier place of a group that is open.
    """

    def fits(leaf: Node) -> bool:
        return name in leaf.part.names and accepts(leaf)

    found = _by_the_grammar(here, name, fits)
    if found is None and name not in FLOATING:
        found = _tolerantly(here, name, fits)
    return found or ASIDE


def _by_the_grammar(here: Node, name: str, fits: Callable[[Node], bool]) -> Step | None:
    def enters(node: Node) -> Node | None:
        return _entry(node, name, fits)

    for group, place in _outwards(here):
        leaf = _following(group, place, here, enters, fits)
        if leaf is not None:
            return _way(group, leaf, misplaced=False)
        if group.parent and group.part.high > 1 and (leaf := enters(group)):
            return _again(group, leaf)
    return None


def _again(group: Node, leaf: Node) -> Step:
    """Another repetition of the group, unless the open one awaits this segment."""
    late = None
    if leaf.parent is group and leaf.at > 0:
        late = Step(group.depth + 1, (), leaf, False)
    way = _way(group.parent or group, leaf, misplaced=False)
    return replace(way, late=late)


def _following(
    group: Node, place: int, here: Node, enters: _Found, fits: Callable[[Node], bool]
) -> Node | None:
    """The next place for it in this group, with nothing required between."""
    if here.parent is group and here.part.high > 1 and fits(here):
        return here
    return _first_open(group.children[place + 1 :], enters)


def _first_open(nodes: Iterable[Node], enters: _Found) -> Node | None:
    for node in nodes:
        leaf = enters(node)
        if leaf is not None or node.part.low:
            return leaf
    return None


def _entry(node: Node, name: str, fits: Callable[[Node], bool]) -> Node | None:
    """Where the segment is when it is the first of this part, as the grammar has it."""
    if not node.children:
        return node if fits(node) else None
    if not node.part.closed:
        leaf = _first_open(node.children, lambda child: _entry(child, name, fits))
        if leaf is not None:
            return leaf
    return _within(node, name, fits) if name in node.part.heads else None


def _within(node: Node, name: str, fits: Callable[[Node], bool]) -> Node | None:
    """The first place for the segment anywhere in this part, whatever is missing before it."""
    if not node.children:
        return node if fits(node) else None
    if node.part.closed and name not in node.part.heads:
        return None
    found = (_within(child, name, fits) for child in node.children)
    return next((leaf for leaf in found if leaf is not None), None)


def _tolerantly(here: Node, name: str, fits: Callable[[Node], bool]) -> Step | None:
    for group, place in _outwards(here):
        later = (_within(node, name, fits) for node in group.children[place + 1 :])
        leaf = next((leaf for leaf in later if leaf is not None), None)
        if leaf is not None:
            return _way(group, leaf, misplaced=False)
        earlier = (_entry(node, name, fits) for node in reversed(group.children[: place + 1]))
        leaf = next((leaf for leaf in earlier if leaf is not None), None)
        if leaf is not None and _may_return(here, group, name):
            return _way(group, leaf, misplaced=True)
    return None


def _may_return(here: Node, group: Node, name: str) -> bool:
    """Whether going back to this group closes nothing that later segments would miss."""
    closed = (node for node, _ in _outwards(here) if node.depth > group.depth)
    return name in OPENERS or not any(node.has_groups for node in closed)


def _outwards(here: Node) -> Iterator[tuple[Node, int]]:
    """The groups around a place, the innermost first, each with the place of the part within."""
    node = here
    while node.parent is not None:
        yield node.parent, node.at
        node = node.parent


def _way(group: Node, leaf: Node, *, misplaced: bool) -> Step:
    opens = [node for node, _ in _outwards(leaf) if node.depth > group.depth]
    return Step(group.depth + 1, tuple(reversed(opens)), leaf, misplaced)
