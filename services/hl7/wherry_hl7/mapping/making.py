"""A segment map or datatype map becomes what the engine runs: its steps, identity and coverage."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from wherry.errors import Failure, Kind
from wherry.fhir.r4 import tables as r4
from wherry_hl7.mapping import conditions, paths
from wherry_hl7.mapping.compiler import Compiler, Convert, Level
from wherry_hl7.mapping.identifying import Identify, identify
from wherry_hl7.mapping.known_fields import begins_with_set_id
from wherry_hl7.mapping.plain_steps import Step
from wherry_hl7.mapping.referring import referring
from wherry_hl7.mapping.rule import DatatypeMap, Identity, Rule, SegmentMap, many
from wherry_hl7.mapping.steps import Steps, of_datatype, of_segment

Fields = tuple[tuple[str, frozenset[int]], ...]
AtLine = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Maker:
    """A compiled segment map: makes a resource at a segment, or adds to one made before."""

    name: str
    segment: str
    resource: str
    into: str
    identify: Identify
    steps: Steps
    fields: frozenset[int]
    foreign: Fields
    required: tuple[tuple[str, ...], ...]
    weak: tuple[str, ...]
    append: tuple[tuple[str, str], ...]
    when: conditions.Condition | None
    hidden: bool = False


def maker(name: str, said: SegmentMap, compiler: Compiler, at_line: AtLine) -> Maker:
    """Compile a segment map; `at_line` gives file and line of the nth rule, of the map for -1.

    Raises: Failure(INVALID) at file:line.
    """
    segment = name.partition(".")[0]
    level = Level(segment)
    resource = said.resource or said.into
    made = _made(said.rules, level, resource, compiler, at_line)
    with _Placed(at_line(-1)):
        when = _condition(said.when, level) if said.when else None
        known_by = _nothing if said.into else identify(said.identity, level)
        own, foreign = _fields(said, segment)
        return Maker(
            name,
            segment,
            said.resource,
            said.into,
            known_by,
            of_segment(said.rules, made, level),
            own,
            foreign,
            _required(resource, many(said.later)),
            many(said.weak),
            tuple(_appended(text) for text in many(said.append) if text != "nothing"),
            when,
            said.hidden,
        )


def _appended(text: str) -> tuple[str, str]:
    type_, _, element = text.partition(".")
    if r4.type_(type_).meant(element) is None:
        raise Failure(Kind.INVALID, f"{type_} has no element {element}", at="append")
    return type_, element


def converter(name: str, said: DatatypeMap, compiler: Compiler, at_line: AtLine) -> Convert:
    """Compile a datatype map into `(rep, at, **with) -> value or None`.

    Raises: Failure(INVALID) at file:line.
    """
    level = Level()
    made = _made(said.rules, level, said.type or said.resource, compiler, at_line)
    steps = of_datatype(said.rules, made, level)
    needs = many(said.needs)
    if said.resource:
        with _Placed(at_line(-1)):
            known_by = identify(said.identity, level)
        return referring(name, said, steps, known_by)

    def convert(rep: Any, at: Any, **with_: Any) -> Any:
        out: dict[str, Any] = {}
        for step in steps.of(rep.parts, divided=rep.divided):
            step(rep, out, at)
        if not out or (needs and not any(element in out for element in needs)):
            return None
        for element, value in with_.items():
            out.setdefault(element, value)
        return out

    return convert


def _made(
    rules: Iterable[Rule], level: Level, base: str, compiler: Compiler, at_line: AtLine
) -> tuple[Step, ...]:
    made = []
    for number, rule in enumerate(rules):
        with _Placed(at_line(number)):
            step = compiler.step(rule, level, base)
            if level.segment:
                step = compiler.watch(step, rule, base, at_line(number))
            made.append(step)
    return tuple(made)


def _condition(text: str, level: Level) -> conditions.Condition:
    return conditions.condition(text, lambda where: level.text(level.path(where.text)))


def _fields(said: SegmentMap, segment: str) -> tuple[frozenset[int], Fields]:
    """The fields that are mapped whenever the map runs, its own and those of other segments."""
    found: dict[str, set[int]] = {segment: {1} if begins_with_set_id(segment) else set()}
    texts = [*many(said.uses), *_identity_fields(said.identity)]
    for rule in said.rules:
        if not rule.when:
            texts += rule.sources
    for where in map(paths.path, texts):
        found.setdefault(where.segment, set()).add(where.field)
    own = frozenset(found.pop(segment))
    return own, tuple((name, frozenset(fields)) for name, fields in found.items())


def _identity_fields(said: Identity) -> tuple[str, ...]:
    return (*many(said.of), *many(said.first))


def _required(resource: str, later: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """For each required element the JSON properties of which one must be there at once."""
    type_ = r4.type_(resource)
    return tuple(
        tuple(
            name
            for one in type_.properties.values()
            if one.element == element
            for name in (one.key, "_" + one.key)
        )
        for element in sorted(type_.required)
        if element not in later
    )


def _nothing(source: Any, at: Any) -> None:
    del source, at


class _Placed:
    """Says in which file and line a wrong map is wrong."""

    def __init__(self, at: str) -> None:
        self._at = at

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Failure) and ":" not in error.at:
            text = f"{error.at}: {error.detail}" if error.at else error.detail
            raise Failure(Kind.INVALID, text, at=self._at) from None
        if isinstance(error, KeyError):
            raise Failure(Kind.INVALID, f"R4 has no type {error}", at=self._at) from None
