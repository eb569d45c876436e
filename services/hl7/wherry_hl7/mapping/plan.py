"""Structures, with the maps they name, become plans: at this segment, in this group, do this."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wherry.errors import Failure, Kind
from wherry_hl7.mapping import named
from wherry_hl7.mapping.compiler import Compiler, Convert, Watch
from wherry_hl7.mapping.inheriting import inherited
from wherry_hl7.mapping.library import Library, Placed
from wherry_hl7.mapping.making import Maker, converter, maker
from wherry_hl7.mapping.rule import Structure, many
from wherry_hl7.mapping.tables import Table

Hook = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What one family of messages becomes. `weak` is by resource type."""

    name: str
    needs: tuple[str, ...]
    wants: tuple[str, ...]
    make: Mapping[str, tuple[Maker, ...]]
    weak: Mapping[str, tuple[str, ...]]
    before: tuple[Hook, ...]
    after: tuple[Hook, ...]
    acknowledge_only: bool = False
    _found: dict[tuple[str, str], tuple[Maker, ...]] = field(default_factory=dict)
    _anywhere: dict[tuple[str, str], bool] = field(default_factory=dict)

    def makers(self, path: str, segment: str) -> tuple[Maker, ...]:
        """What to make at a segment in the group at `path` (A/B/C): the nearest group decides."""
        known = self._found.get((path, segment))
        if known is None:
            known = self._found[path, segment] = self._look_up(path, segment)
        return known

    def makes(self, segment: str, resource: str) -> bool:
        """Whether any map at this segment, whatever the group, makes a resource of this type."""
        known = self._anywhere.get((segment, resource))
        if known is None:
            known = self._anywhere[segment, resource] = any(
                maker.resource == resource
                for place, makers in self.make.items()
                if place.rpartition("/")[2] == segment
                for maker in makers
            )
        return known

    def _look_up(self, path: str, segment: str) -> tuple[Maker, ...]:
        for group in reversed(path.split("/")):
            if f"{group}/{segment}" in self.make:
                return self.make[f"{group}/{segment}"]
        return self.make.get(segment, ())


@dataclass(frozen=True, slots=True, eq=False)
class Plans:
    """The plans by message kind, such as ADT^A01."""

    by_kind: Mapping[str, Plan]
    tables: Mapping[str, Table]
    converters: Mapping[str, Convert]

    def codes(self, table: str) -> dict[str, str]:
        """A table as a dict of upper-case codes; for tables of names, such as CodingSystems."""
        return {code.upper(): row.to for code, row in self.tables[table].listed.items() if row.to}

    def of(self, kind: str) -> Plan | None:
        """The plan for a kind of message; None when it is not translated."""
        return self.by_kind.get(kind)


def plans(
    found: Library, tables: Mapping[str, Table], watch: Watch = lambda step, rule, base, line: step
) -> Plans:
    """Compile everything once; `watch` may look at each rule. Raises: Failure at file:line."""
    converters: dict[str, Convert] = {}
    compiler = Compiler(tables, converters, watch)
    for name in _in_order(found.datatypes):
        placed = found.datatypes[name]
        converters[name] = converter(name, placed.said, compiler, placed.at)
    makers = {
        name: maker(name, placed.said, compiler, placed.at)
        for name, placed in inherited(found.segments).items()
    }
    by_kind: dict[str, Plan] = {}
    for name, placed in found.structures.items():
        if not placed.said.messages:
            continue
        plan = _plan(name, found.structures, makers)
        for kind in placed.said.messages:
            if kind in by_kind:
                raise Failure(Kind.INVALID, f"{kind} is in two structures", at=placed.line)
            by_kind[kind] = plan
    return Plans(by_kind, tables, {**named.CONVERTERS, **converters})


def _in_order(datatypes: Mapping[str, Placed]) -> list[str]:
    """Names so that each comes after those that it uses. Raises: Failure(INVALID) for a circle."""
    done: dict[str, None] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise Failure(Kind.INVALID, f"{name} is made of itself", at=datatypes[name].line)
        if name in done or name not in datatypes:
            return
        for rule in datatypes[name].said.rules:
            visit(rule.as_, (*above, name))
        done[name] = None

    for name in datatypes:
        visit(name, ())
    return list(done)


def _plan(name: str, structures: Mapping[str, Placed], makers: Mapping[str, Maker]) -> Plan:
    make: dict[str, tuple[Maker, ...]] = {}
    weak: dict[str, tuple[str, ...]] = {}
    before: dict[str, Hook] = {}
    after: dict[str, Hook] = {}
    placed = structures[name]
    for said in _with_included(name, structures):
        for place, texts in said.make.items():
            make[place] = tuple(_maker(one, makers, placed) for one in _makings(texts))
        weak |= {type_: many(texts) for type_, texts in said.weak.items()}
        before |= {fn: _hook(fn, placed) for fn in said.before}
        after |= {fn: _hook(fn, placed) for fn in said.after}
    own: Structure = placed.said
    return Plan(
        name, own.needs, own.wants, make, weak, tuple(before.values()), tuple(after.values()),
        own.acknowledge_only,
    )  # fmt: skip


def _with_included(name: str, structures: Mapping[str, Placed]) -> list[Structure]:
    """What it includes, deepest first, and itself last: the last word counts."""
    said: Structure = structures[name].said
    out: list[Structure] = []
    for other in said.include:
        if other not in structures:
            raise Failure(Kind.INVALID, f"no structure is called {other}", at=structures[name].line)
        out += _with_included(other, structures)
    return [*out, said]


def _makings(said: str | list[str]) -> list[str]:
    return [said] if isinstance(said, str) else said


def _maker(name: str, makers: Mapping[str, Maker], placed: Placed) -> Maker:
    if name not in makers:
        raise Failure(Kind.INVALID, f"no segment map is called {name}", at=placed.line)
    return makers[name]


def _hook(name: str, placed: Placed) -> Hook:
    if name not in named.FUNCTIONS:
        raise Failure(Kind.INVALID, f"no function is called {name}", at=placed.line)
    return named.FUNCTIONS[name]
