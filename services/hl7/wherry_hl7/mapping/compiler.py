"""A rule becomes one function `(source, out, at)`; what can be decided is decided here, once."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from msgspec import UNSET

from wherry.errors import Failure, Kind
from wherry.fhir.systems import v2_table
from wherry_hl7.mapping import conditions, named, paths, plain_steps, targets
from wherry_hl7.mapping.known_fields import refuse_unknown
from wherry_hl7.mapping.plain_steps import Step
from wherry_hl7.mapping.rule import Rule, many
from wherry_hl7.mapping.tables import Table
from wherry_hl7.mapping.values import beside_table, by_table, plain
from wherry_hl7.mapping.wrapping import inner, wrapped

PERIOD = "Period"
"""`as: Period` reads two fields, the start and the end."""

Convert = Callable[..., Any]
Watch = Callable[[Step, Rule, str, str], Step]
"""Called with a segment map's step, its rule, the resource and file:line; gives the step to run."""


class Level:
    """Where a map's paths begin: in the segments near `segment`, or in a repetition."""

    def __init__(self, segment: str = "") -> None:
        self.segment = segment

    def path(self, text: str) -> paths.Path:
        """A path that fits here. Raises: Failure(INVALID)."""
        found = paths.path(text)
        if bool(found.segment) is not bool(self.segment):
            raise Failure(Kind.INVALID, f"{text} cannot be read here", at="from")
        refuse_unknown(found)
        return found

    def text(self, where: paths.Path) -> Callable[[Any, Any], str]:
        """A function `(source, at)` that reads the text at a path."""
        if not where.segment:
            return paths.text_in_rep(where)
        read = paths.text_in_segment(where)
        if where.segment == self.segment:
            return read
        name = where.segment

        def near(source: Any, at: Any) -> str:
            segment = at.near(name)
            return read(segment, at) if segment is not None else ""

        return near

    def reps(self, where: paths.Path, *, all_segments: bool) -> Callable[[Any, Any], list[Any]]:
        """A function `(source, at)` that gives the repetitions at a path."""
        if not where.segment:
            in_rep = paths.reps_in_rep(where)
            return lambda source, at: in_rep(source)
        read, name, number = paths.reps_in_segment(where), where.segment, where.field
        if all_segments:
            return lambda source, at: [rep for one in at.all(name) for rep in read(one)]
        if name == self.segment:
            return lambda source, at: read(source) if source.field(number) else []

        def near(source: Any, at: Any) -> list[Any]:
            segment = at.near(name)
            return read(segment) if segment is not None and segment.field(number) else []

        return near


class Compiler:
    """Makes steps out of rules with the tables and datatype maps at hand."""

    def __init__(
        self,
        tables: Mapping[str, Table],
        converters: Mapping[str, Convert],
        watch: Watch = lambda step, rule, base, line: step,
    ) -> None:
        self._tables = tables
        self._converters = converters
        self.watch = watch

    def step(self, rule: Rule, level: Level, base: str) -> Step:
        """The function of one rule of a map onto the R4 type `base`.

        Raises: Failure(INVALID) at the word of the rule that is wrong.
        """
        made = self._bare(rule, level, base)
        if rule.absent:
            made = plain_steps.or_absent(made, targets.target(rule.to, base), rule.absent)
        if level.segment and rule.on_null != "" and rule.sources and not rule.fn:
            made = self._deleting(made, rule, level)
        if rule.when:
            made = self._guarded(made, rule, level)
        return made

    def table(self, name: str) -> Table:
        """A code table. Raises: Failure(INVALID)."""
        if name not in self._tables:
            raise Failure(Kind.INVALID, f"no table is called {name}", at="table")
        return self._tables[name]

    def convert(self, name: str, with_: Mapping[str, Any]) -> Convert:
        """A converter with its constant arguments. Raises: Failure(INVALID)."""
        found = self._converters.get(name) or named.CONVERTERS.get(name)
        if found is None:
            raise Failure(Kind.INVALID, f"nothing reads a field as {name}", at="as")
        return partial(found, **with_) if with_ else found

    def _bare(self, rule: Rule, level: Level, base: str) -> Step:
        if rule.fn:
            return self._function(rule)
        where = targets.target(rule.to, base)
        store = wrapped(rule, where)
        if rule.const is not UNSET:
            constant = rule.const
            return lambda source, out, at: store(out, constant)
        if rule.ref:
            return plain_steps.reference(many(rule.ref), store)
        if rule.as_ in named.WRITERS:
            return self._writing(rule, level, where)
        read = self._period if rule.as_ == PERIOD else self._converting
        if rule.as_:
            return read(rule, level, store)
        return self._reading(rule, level, where, store)

    def _function(self, rule: Rule) -> Step:
        found = named.FUNCTIONS.get(rule.fn)
        if found is None:
            raise Failure(Kind.INVALID, f"no function is called {rule.fn}", at="fn")
        return partial(found, **rule.with_) if rule.with_ else found

    def _converting(self, rule: Rule, level: Level, store: targets.Put) -> Step:
        extra = {"table": v2_table(rule.system)} if rule.system else {}
        convert = self.convert(rule.as_, {**extra, **rule.with_})
        if rule.table:
            convert = beside_table(self.table(rule.table), convert)
        found = [level.path(text) for text in rule.sources]
        readers = [level.reps(one, all_segments=rule.segments) for one in found]
        every = rule.each or rule.segments

        def run(source: Any, out: dict[str, Any], at: Any) -> None:
            for read in readers:
                wrote = False
                for rep in read(source, at):
                    if rep.raw and (value := convert(rep, at)):
                        store(out, value)
                        wrote = True
                        if not every:
                            return
                if wrote:
                    return

        return run

    def _period(self, rule: Rule, level: Level, store: targets.Put) -> Step:
        if len(rule.sources) != 2:
            raise Failure(Kind.INVALID, "a Period is made of a start and an end", at="from")
        first, last = map(level.path, rule.sources)
        start, end = level.text(first), level.text(last)

        def run(source: Any, out: dict[str, Any], at: Any) -> None:
            said = (start(source, at), end(source, at))
            if any(said):
                place = first.at or source.at
                if period := at.scope.period(*said, place, last.at or place):
                    store(out, period)

        return run

    def _writing(self, rule: Rule, level: Level, where: targets.Target) -> Step:
        write = partial(named.WRITERS[rule.as_], **rule.with_)
        readers = [(one.at, level.text(one)) for one in map(level.path, rule.sources)]
        *parents, name = where.steps

        def run(source: Any, out: dict[str, Any], at: Any) -> None:
            if not parents and name in out:
                return
            for place, read in readers:
                if not (text := read(source, at)):
                    continue
                said: dict[str, Any] = {}
                write(said, name, text, place or source.at, at)
                if said:
                    for step in parents:
                        out = out.setdefault(step, {})
                    out.update(said)
                    return

        return run

    def _reading(self, rule: Rule, level: Level, where: targets.Target, store: targets.Put) -> Step:
        goes = inner(rule, where)
        read_as = by_table(self.table(rule.table), goes) if rule.table else plain(goes)
        every = rule.each or rule.segments
        found = [level.path(text) for text in rule.sources]
        if every:
            return plain_steps.each(
                [(one.at, level.reps(one, all_segments=rule.segments)) for one in found],
                read_as,
                store,
            )
        readers = [(one.at, level.text(one)) for one in found]
        if len(readers) == 1:
            return plain_steps.text(*readers[0], read_as, store)

        def run(source: Any, out: dict[str, Any], at: Any) -> None:
            for place, read in readers:
                text = read(source, at)
                if text and (value := read_as(text, place or source.at, at)) is not None:
                    store(out, value)
                    return

        return run

    def _deleting(self, step: Step, rule: Rule, level: Level) -> Step:
        where = level.path(rule.sources[0])
        if where.segment != level.segment or where.component or rule.segments:
            return step
        number = where.field
        gone = many(rule.on_null) if rule.on_null is not None else (rule.to.split(".extension")[0],)

        def run(source: Any, out: dict[str, Any], at: Any) -> None:
            if source.field(number) == '""':
                at.deletes.extend(gone)
            else:
                step(source, out, at)

        return run

    def _guarded(self, step: Step, rule: Rule, level: Level) -> Step:
        holds = conditions.condition(rule.when, lambda where: level.text(level.path(where.text)))
        read = paths.fields_of(map(level.path, rule.sources))
        numbers = read.pop(level.segment, frozenset())
        if not level.segment or not (numbers or read):
            return lambda source, out, at: step(source, out, at) if holds(source, at) else None
        others = tuple(read.items())

        def run(source: Any, out: dict[str, Any], at: Any) -> None:
            if not holds(source, at):
                return
            if numbers:
                at.scope.take(source, numbers)
            for name, fields in others:
                if (other := at.near(name)) is not None:
                    at.scope.take(other, fields)
            step(source, out, at)

        return run
