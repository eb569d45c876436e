"""A search of the inbox becomes the ids of all that it finds, a page at a time."""

from collections.abc import Callable, Iterator

from wherry.ports import Kept

AT_ONCE = 200


def pages(search: Callable[..., list[Kept]]) -> Iterator[list[int]]:
    """Ids of all that a search finds, a page at a time; what was found may change on the way."""
    after = 0
    while page := search(after=after, limit=AT_ONCE):
        yield [kept.id for kept in page]
        after = page[-1].id
