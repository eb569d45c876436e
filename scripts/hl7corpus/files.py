"""A folder of HL7 v2 files becomes the single messages in them, each with its place."""

from dataclasses import dataclass
from pathlib import Path

from wherry.hl7 import batch

SUFFIXES = frozenset({".hl7", ".txt", ".ndhl7"})

# Text files that stand beside messages and are none: notes on the source, lists of codes
_PROSE = frozenset({"source.txt", "readme.txt", "license.txt", "cvx.txt", "mvx.txt"})


@dataclass(frozen=True, slots=True)
class Piece:
    """One message of a file: the file's path below the folder, its number in it, its bytes."""

    source: str
    index: int
    body: bytes

    @property
    def corpus(self) -> str:
        """The folder that the file came with."""
        return self.source.partition("/")[0] if "/" in self.source else "."


def nearby(start: Path) -> Path | None:
    """The folder of corpora beside the checkout, however deep below its parent `start` is."""
    places = (parent / "shared" / "data" / "hl7" for parent in start.resolve().parents)
    return next((place for place in places if (place / "acceptance_index.json").exists()), None)


def files(root: Path) -> list[Path]:
    """The files with messages below a folder, in order of their paths."""
    return sorted(
        path
        for path in root.rglob("*")
        if path.suffix.lower() in SUFFIXES and path.name.lower() not in _PROSE and path.is_file()
    )


def pieces(root: Path) -> list[Piece]:
    """Every message of every file below a folder; an empty file has none."""
    return [
        Piece(path.relative_to(root).as_posix(), index, body)
        for path in files(root)
        for index, body in enumerate(bodies(path.read_bytes()))
    ]


def bodies(data: bytes) -> list[bytes]:
    """The messages of one file."""
    return batch.split(data) if data.strip() else []
