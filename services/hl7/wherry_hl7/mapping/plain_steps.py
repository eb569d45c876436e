"""The plainest steps: a text, each repetition, a reference, the reason why there is nothing."""

from collections.abc import Callable
from typing import Any

from wherry.fhir.systems import DATA_ABSENT_REASON
from wherry_hl7.mapping import targets

Step = Callable[[Any, dict[str, Any], Any], None]
ReadAs = Callable[[str, str, Any], Any]


def text(
    place: str,
    read: Callable[[Any, Any], str],
    read_as: ReadAs,
    store: targets.Put,
) -> Step:
    """One text; `place` is where warnings put it, else the repetition's own field."""

    def run(source: Any, out: dict[str, Any], at: Any) -> None:
        text = read(source, at)
        if text and (value := read_as(text, place or source.at, at)) is not None:
            store(out, value)

    return run


def each(
    readers: list[tuple[str, Callable[[Any, Any], list[Any]]]],
    read_as: ReadAs,
    store: targets.Put,
) -> Step:
    """Every repetition at each of these places."""

    def run(source: Any, out: dict[str, Any], at: Any) -> None:
        for place, read in readers:
            for rep in read(source, at):
                if (text := rep[1]) and (
                    value := read_as(text, place or source.at, at)
                ) is not None:
                    store(out, value)

    return run


def reference(names: tuple[str, ...], store: targets.Put) -> Step:
    """A reference to the first of these resources that is in sight."""
    if len(names) == 1:
        (only,) = names

        def one(source: Any, out: dict[str, Any], at: Any) -> None:
            if (made := at.environment.get(only)) is not None:
                store(out, made.reference)

        return one

    def run(source: Any, out: dict[str, Any], at: Any) -> None:
        for name in names:
            if made := at.find(name):
                store(out, made.reference)
                return

    return run


def or_absent(step: Step, where: targets.Target, reason: str) -> Step:
    """The step, and where it left nothing the reason for that."""
    has = targets.holds(where)
    store = targets.put(where)
    marked = {"extension": [{"url": DATA_ABSENT_REASON, "valueCode": reason}]}

    def run(source: Any, out: dict[str, Any], at: Any) -> None:
        step(source, out, at)
        if has(out):
            return
        if where.primitive:
            out["_" + where.name] = marked
        else:
            store(out, marked)

    return run
