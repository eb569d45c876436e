"""What a map says of identity becomes a function that gives a resource its identifier."""

from collections.abc import Callable
from typing import Any

from wherry.errors import Failure, Kind
from wherry.fhir.identity import key
from wherry.resource import Identifier
from wherry_hl7.mapping import named
from wherry_hl7.mapping.compiler import Level
from wherry_hl7.mapping.rule import Identity, many

Identify = Callable[[Any, Any], Identifier | None]


def identify(said: Identity, level: Level) -> Identify:
    """A function `(source, at)` that gives the identifier, None when nothing names the thing.

    Never of a status, a time or a value: a correction has to find what it corrects.
    Raises: Failure(INVALID) at identity.
    """
    if said.fn:
        found = named.FUNCTIONS.get(said.fn)
        if found is None:
            raise Failure(Kind.INVALID, f"no function is called {said.fn}", at="identity")
        return found
    if not said.system:
        raise Failure(Kind.INVALID, "needs a system or a function", at="identity")
    within = many(said.within)
    all_of = [level.text(level.path(text)) for text in many(said.of)]
    one_of = [level.text(level.path(text)) for text in many(said.first)]
    system, lone, apart = said.system, said.lone, said.apart

    def run(source: Any, at: Any) -> Identifier | None:
        parts = [read(source, at).strip() for read in all_of]
        if one_of:
            parts.append(next((text for read in one_of if (text := read(source, at).strip())), ""))
        if not any(parts) and not lone:
            return None
        value = key(*parts) if parts else ""
        if around := _around(within, at):
            value = f"{around}/{value}" if value else around
        if apart:
            value = at.draft.unique(f"{system}:{value}").partition(":")[2]
        return {"system": at.scope.own(system), "value": value}

    return run


def _around(within: tuple[str, ...], at: Any) -> str:
    for name in within:
        if name == "Message":
            return key("message", at.scope.message_key)
        if made := at.find(name):
            return str(made.key)
    return ""
