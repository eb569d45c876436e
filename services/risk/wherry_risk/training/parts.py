"""The people of a data set become three parts that share nobody, and a list of whom was seen."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from wherry_risk.onnx.manifest import Part
from wherry_risk.training.assemble import Names, Outcomes, Table
from wherry_risk.training.people import SHARE_BITS, Person, fingerprint, share
from wherry_risk.training.recipes.recipe import Recipe

SEEN = "seen.bin"
WIDTH = SHARE_BITS // 8


@dataclass(frozen=True, slots=True)
class Parts:
    """Rows that train the trees, rows that calibrate them, and rows that neither has seen."""

    train: Table
    calibrate: Table
    test: Table

    def counts(self) -> dict[str, Part]:
        """How many each part holds; further moments of training are not counted."""
        return {name: _count(getattr(self, name)) for name in ("train", "calibrate", "test")}


def parted(recipe: Recipe, table: Table) -> Parts:
    """The three parts, by hash of the person: the same for ever, and for all of a data set."""
    shares = np.array([share(recipe.salt, id_) for id_ in table.person.tolist()])
    trains, tests = shares < recipe.train_up_to, shares >= recipe.calibrate_up_to
    return Parts(
        train=table.of(trains),
        calibrate=table.of(~trains & ~tests & ~table.extra),
        test=table.of(tests & ~table.extra),
    )


def thinned(recipe: Recipe, people: Iterable[Person]) -> Iterator[Person]:
    """The people, with some of the hours of those in training who never have the outcome."""
    for person in people:
        trains = share(recipe.salt, person.id) < recipe.train_up_to
        if recipe.kept == 1 or not trains or any(person.outcomes):
            yield person
            continue
        drawn = np.random.default_rng(fingerprint(recipe.salt, person.id))
        kept = np.flatnonzero(drawn.random(len(person.moments_s)) < recipe.kept).tolist()
        if kept:
            yield replace(
                person,
                moments_s=[person.moments_s[n] for n in kept],
                outcomes=[person.outcomes[n] for n in kept],
            )


def tests(recipe: Recipe, person: Person) -> bool:
    """Whether this person belongs to the test part."""
    return share(recipe.salt, person.id) >= recipe.calibrate_up_to


def some_of(table: Table, limit: int, *, salt: str) -> Table:
    """Whole people, always the same, with at most so many rows in all; everybody when they fit."""
    if len(table.outcome) <= limit:
        return table
    ids, place, rows = np.unique(table.person, return_inverse=True, return_counts=True)
    order = np.argsort([share(f"{salt}/some", id_) for id_ in ids.tolist()], kind="stable")
    kept = np.zeros(len(ids), dtype=bool)
    kept[order[np.cumsum(rows[order]) <= limit]] = True
    return table.of(kept[place])


def seen_of(recipe: Recipe, people: Names) -> bytes:
    """Fingerprints of everybody in the training and calibration parts, in order.

    They are no data: 48 bits of a hash of a number that its source made up for each person.
    """
    ids = [
        id_
        for id_ in np.unique(people).tolist()
        if share(recipe.salt, id_) < recipe.calibrate_up_to
    ]
    prints = sorted(fingerprint(recipe.salt, id_) for id_ in ids)
    return b"".join(one.to_bytes(WIDTH, "big") for one in prints)


def prints_of(seen: bytes) -> frozenset[bytes]:
    """The fingerprints of a list."""
    return frozenset(seen[n : n + WIDTH] for n in range(0, len(seen), WIDTH))


def known_again(prints: frozenset[bytes], salt: str, id_: str) -> bool:
    """Whether training or calibration has seen this person."""
    return fingerprint(salt, id_).to_bytes(WIDTH, "big") in prints


def _count(table: Table) -> Part:
    real = ~table.extra
    return Part(patients=table.patients(), n=int(real.sum()), events=int(table.outcome[real].sum()))


def groups_of(recipe: Recipe, table: Table, names: Sequence[str]) -> dict[str, Outcomes]:
    """The rows of each group of people that figures are broken down by."""
    made: dict[str, Outcomes] = {}
    for name in names:
        told = table.about.get(name)
        if told is not None:
            made |= {f"{name}: {one}": told == one for one in np.unique(told).tolist() if one}
    age = table.rows[:, recipe.names.index("age")]
    return made | {f"age {a} to {b - 1}": (age >= a) & (age < b) for a, b in recipe.ages}
