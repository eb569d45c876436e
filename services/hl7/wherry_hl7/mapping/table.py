"""One code table: what a sender's code is called in FHIR."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

DEFAULT = "*"
"""The `from` of the row for codes that are not listed."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a code becomes: `to` is empty when it is known and has no target on purpose.

    `system` is empty where FHIR's element is a plain code (Patient.gender). `at` says the file and
    line that the row is from.
    """

    to: str
    system: str = ""
    display: str = ""
    at: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one table by code; codes match in any case unless the table is `exact`.

    `default` is what stands for every code that is not listed; it is not in `listed`.
    """

    name: str
    path: str
    listed: Mapping[str, Row]
    default: Row | None = None
    exact: bool = False
    _by_key: Mapping[str, Row] = field(default_factory=dict, repr=False, compare=False)

    def get(self, code: str) -> Row | None:
        """The row of a code, or None for one that the table does not know: see `default`.

        The empty code is an empty field, which a table may have a row for.
        """
        row = self._by_key.get(code)
        return row if row is not None else self._by_key.get(self.key(code))

    def find(self, code: str) -> Row | None:
        """The row of a code, else the default."""
        row = self.get(code)
        return row if row is not None else self.default

    def line(self, code: str) -> str:
        """File and line of a code's row (or of the default), for messages; else the file."""
        row = self.find(code)
        return row.at if row is not None else self.path

    def key(self, code: str) -> str:
        """How a code is written where codes are compared."""
        return code.strip() if self.exact else code.strip().upper()


def table(name: str, path: str, rows: Mapping[str, Row], *, exact: bool) -> Table:
    """The table of these rows by code as written, which no two rows share but for the case."""
    listed = {code: row for code, row in rows.items() if code != DEFAULT}
    by_key = listed if exact else {code.upper(): row for code, row in listed.items()} | listed
    return Table(name, path, MappingProxyType(listed), rows.get(DEFAULT), exact, by_key)
