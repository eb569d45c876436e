"""Lines of an export become a file of resources by patient, and judged patients stay judged."""

import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import TracebackType

import msgspec

from wherry.resource import Resource
from wherry_risk.backtest.export import Line, lines_of
from wherry_risk.backtest.moments import Judgement

_TABLES = """
CREATE TABLE IF NOT EXISTS told (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS file (name TEXT PRIMARY KEY, lines INTEGER NOT NULL,
    whole INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS resource (patient TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS judged (patient TEXT PRIMARY KEY, body BLOB NOT NULL);
"""
# A power cut may cost the last people who were judged; a killed process costs none.
_PRAGMAS = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
_AT_ONCE = 2000
_NAME = "backtest.sqlite"
_FASTEST = 1


class Shelf:
    """A file that only its owner reads: it holds patients' data until it is removed.

    `key` is what it was made for; another one empties it.
    """

    def __init__(self, folder: Path, key: str) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / _NAME
        path.touch(mode=0o600)
        self._db = sqlite3.connect(path)
        self._db.executescript(_PRAGMAS + _TABLES)
        told = self._db.execute("SELECT value FROM told WHERE name = 'key'").fetchone()
        if told != (key,):
            for table in ("told", "file", "resource", "judged"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
            self._db.execute("INSERT INTO told VALUES ('key', ?)", (key,))
        self._db.commit()

    def __enter__(self) -> "Shelf":
        return self

    def __exit__(
        self,
        type_: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._db.close()

    def put(
        self,
        path: Path,
        wanted: Callable[[Line], bool],
        types: frozenset[str],
        advance: Callable[[int], None],
    ) -> None:
        """Keep the wanted lines of this file, from where it was left; never twice.

        `advance` is told how many lines have been read since it was told last.
        """
        known = self._db.execute(
            "SELECT lines, whole FROM file WHERE name = ?", (str(path),)
        ).fetchone()
        lines, whole = known or (0, 0)
        if whole:
            return
        batch: list[tuple[str, bytes]] = []
        last = told = lines
        for number, line in lines_of(path, types, skip=lines):
            last = number
            if wanted(line):
                batch.append((line.patient, zlib.compress(line.body, _FASTEST)))
            if len(batch) >= _AT_ONCE:
                self._keep(path, batch, last, whole=0)
                advance(last - told)
                told, batch = last, []
        self._keep(path, batch, last, whole=1)
        advance(last - told)

    def _keep(self, path: Path, batch: list[tuple[str, bytes]], lines: int, *, whole: int) -> None:
        with self._db:
            self._db.executemany("INSERT INTO resource VALUES (?, ?)", batch)
            self._db.execute(
                "INSERT OR REPLACE INTO file VALUES (?, ?, ?)", (str(path), lines, whole)
            )

    def sorted(self) -> int:
        """Everything was put: make the resources findable; how many people there are."""
        self._db.execute("CREATE INDEX IF NOT EXISTS of_patient ON resource (patient)")
        self._db.commit()
        (count,) = self._db.execute(
            "SELECT count(DISTINCT patient) FROM resource WHERE patient != ''"
        ).fetchone()
        return int(count)

    def left(self) -> Iterator[str]:
        """The people who are not judged yet, in order."""
        people = self._db.execute(
            "SELECT DISTINCT patient FROM resource WHERE patient != '' "
            "EXCEPT SELECT patient FROM judged ORDER BY 1"
        ).fetchall()
        return iter(name for (name,) in people)

    def of(self, patient: str, decode: Callable[[bytes], Resource]) -> list[Resource]:
        """The resources of this person, in the order of the files."""
        rows = self._db.execute(
            "SELECT body FROM resource WHERE patient = ? ORDER BY rowid", (patient,)
        )
        with closing(rows):
            return [decode(zlib.decompress(body)) for (body,) in rows]

    def judge(self, patient: str, told: list[Judgement]) -> None:
        """Keep what was found of this person."""
        with self._db:
            body = zlib.compress(msgspec.json.encode(told), _FASTEST)
            self._db.execute("INSERT OR REPLACE INTO judged VALUES (?, ?)", (patient, body))

    def judged(self) -> Iterator[tuple[str, list[Judgement]]]:
        """What was found, by person in order."""
        rows = self._db.execute("SELECT patient, body FROM judged ORDER BY patient")
        for patient, body in rows:
            yield patient, msgspec.json.decode(zlib.decompress(body), type=list[Judgement])
