"""A table of floors becomes what each figure must not fall below; what is not in it must be 100."""

import csv
from collections.abc import Mapping
from pathlib import Path

Key = tuple[str, str, str]
COLUMNS = ("section", "corpus", "name", "percent")


def floors(path: Path) -> dict[Key, float]:
    """The table, by section, corpus and name."""
    with path.open(newline="") as file:
        return {
            (row["section"], row["corpus"], row["name"]): float(row["percent"])
            for row in csv.DictReader(file)
        }


def fallen(percents: Mapping[Key, float], least: Mapping[Key, float]) -> dict[Key, float]:
    """The figures below their floor."""
    return {key: now for key, now in percents.items() if now < least.get(key, 100.0)}


def written(percents: Mapping[Key, float]) -> str:
    """The table for these figures."""
    rows = [",".join([*key, str(now)]) for key, now in sorted(percents.items()) if now < 100]
    return "\n".join([",".join(COLUMNS), *rows, ""])
