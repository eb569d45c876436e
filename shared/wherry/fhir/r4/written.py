"""Checks of the values of an object become one Python function, written out as source text.

A resource is a tree of some fifty small values; as closures, a call or two for each of them is most
of what checking them costs. What is written for a Reference that has a reference and a display is

    def check(value):
        v0, v1 = value.values()
        return c0(v0) and c1(v1)

and for a CodeableConcept with codings and a text, where c0 holds the plans of Coding by its keys
and e0 goes through a list of several:

    def check(value):
        v0, v1 = value.values()
        return type(v0) is list and (c0[tuple(v0[0])](v0[0]) if len(v0) == 1 else e0(v0)) and c1(v1)

What resources checked together share (the subject, the category) is looked at once. A resource of
a type and a subject becomes

    def check(value, seen):
        v0, v1 = value.values()
        if not (v0 in c0):
            return False
        if seen.get(id(v1)) != 7:
            if not (c1[tuple(v1)](v1)):
                return False
            seen[id(v1)] = 7
        return True

Only names made here are in the text, never anything of a resource.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Check = Callable[[Any], object]
Seen = dict[int, int]
"""By the id() of a part that was found valid, the number of the property that it is valid for."""


@dataclass(frozen=True, slots=True)
class Call:
    """A value that `check` holds for."""

    check: Check


@dataclass(frozen=True, slots=True)
class In:
    """A value that is one of these."""

    allowed: Container[Any]


@dataclass(frozen=True, slots=True)
class Of:
    """A value that this mapping calls valid; one that works out what it does not know yet."""

    answers: Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class Like:
    """An object that the plan for its keys calls valid, and then `also` does."""

    plans: Mapping[tuple[str, ...], Check]
    also: Check | None = None


@dataclass(frozen=True, slots=True)
class Each:
    """A list with at least one value, all of which are as `one` says."""

    one: "One"


@dataclass(frozen=True, slots=True)
class Shared:
    """What several resources may share: looked at once for the property of this number."""

    wanted: "One | Each"
    number: int


One = Call | In | Of | Like
Wanted = One | Each


def function(wanted: Sequence[Wanted], rules: Sequence[Check] = ()) -> Check:
    """One check of the values of an object, in the order of its keys, then of all together."""
    names = _Names()
    values = [f"v{number}" for number in range(len(wanted))]
    tests = [names.test(one, value) for one, value in zip(wanted, values, strict=True)]
    tests += [f"{names.of('c', rule)}(value)" for rule in rules]
    head = f"{', '.join(values)}, = value.values()"
    return names.compiled("check", f"    {head}\n    return {' and '.join(tests)}\n")


def resource(wanted: Sequence[Wanted | Shared], rules: Sequence[Check]) -> Callable[..., object]:
    """The same for a resource, called with the parts seen before that it may share."""
    names = _Names()
    values = [f"v{number}" for number in range(len(wanted))]
    lines = [f"{', '.join(values)}, = value.values()"]
    for one, value in zip(wanted, values, strict=True):
        if isinstance(one, Shared):
            lines += [
                f"if seen.get(id({value})) != {one.number}:",
                f"    if not ({names.test(one.wanted, value)}):",
                "        return False",
                f"    seen[id({value})] = {one.number}",
            ]
        else:
            lines += [f"if not ({names.test(one, value)}):", "    return False"]
    for rule in rules:
        lines += [f"if not {names.of('c', rule)}(value):", "    return False"]
    body = "".join(f"    {line}\n" for line in [*lines, "return True"])
    return names.compiled("check", body, "value, seen")


def of_one(wanted: Wanted) -> Check:
    """One check of one value."""
    names = _Names()
    return names.compiled("check", f"    return {names.test(wanted, 'value')}\n")


class _Names:
    """What the text of one function calls the things that it uses."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}

    def of(self, letter: str, thing: Any) -> str:
        name = f"{letter}{len(self._known)}"
        self._known[name] = thing
        return name

    def test(self, wanted: Wanted, value: str) -> str:
        """An expression that is true when the value is as wanted."""
        match wanted:
            case Call(check):
                return f"{self.of('c', check)}({value})"
            case In(allowed):
                return f"{value} in {self.of('c', allowed)}"
            case Of(answers):
                return f"{self.of('c', answers)}[{value}]"
            case Like(plans, also):
                test = f"{self.of('c', plans)}[tuple({value})]({value})"
                return test if also is None else f"{test} and {self.of('c', also)}({value})"
            case Each(one):
                every = self.of("e", _every(one))
                first = self.test(one, f"{value}[0]")
                alone = f"({first}) if len({value}) == 1 else {every}({value})"
                return f"type({value}) is list and ({alone})"

    def compiled(self, name: str, body: str, takes: str = "value") -> Check:
        scope = dict(self._known)
        text = f"def {name}({takes}):\n{body}"
        exec(compile(text, __name__, "exec"), scope)  # noqa: S102 - made of names above
        made: Check = scope[name]
        return made


def _every(one: One) -> Check:
    names = _Names()
    body = f"        if not ({names.test(one, 'one')}):\n            return False\n"
    return names.compiled("every", f"    for one in value:\n{body}    return bool(value)\n")
