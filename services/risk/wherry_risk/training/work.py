"""Steps that were finished stay finished: an interrupted training goes on where it stopped."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path

import numpy as np

from wherry_risk.training.assemble import Table
from wherry_risk.training.boost import Bag


@dataclass(frozen=True, slots=True)
class Work:
    """A folder for what was made so far; None keeps nothing. Files are whole or not there."""

    folder: Path | None

    def table(self, key: str, make: Callable[[], Table]) -> Table:
        """The table of this key, made once."""
        path = self._path(f"{key}.npz")
        if path and path.is_file():
            with np.load(path) as kept:
                about = {n[6:]: kept[n] for n in kept.files if n.startswith("about.")}
                return Table(**{one.name: kept[one.name] for one in fields(Table)
                                if one.name != "about"}, about=about)  # fmt: skip
        table = make()
        if path:
            arrays = {one.name: getattr(table, one.name) for one in fields(Table)}
            about = {f"about.{name}": told for name, told in arrays.pop("about").items()}
            with _whole(path) as part:
                np.savez(part, **arrays, **about)
        return table

    def trees(self, key: str, make: Callable[[], Bag]) -> Bag:
        """The trees of this key; always read back from their text, so that nothing differs."""
        path = self._path(f"{key}.json")
        if path and path.is_file():
            return Bag.read(path.read_bytes())
        text = make().text()
        if path:
            with _whole(path) as part:
                part.write_bytes(text)
        return Bag.read(text)

    def _path(self, name: str) -> Path | None:
        if self.folder is None:
            return None
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / name


def key_of(*parts: object) -> str:
    """A name that changes with anything that what is kept was made from."""
    return sha256(repr(parts).encode()).hexdigest()[:16]


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A file beside the path that takes its place when it is complete."""
    handle, name = tempfile.mkstemp(suffix=path.suffix, dir=path.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
