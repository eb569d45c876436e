"""The data sets by name, each with the files it is made of."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from wherry.errors import Failure, Kind
from wherry_risk.training.data import eicu_demo, physionet2012, physionet2019, uci_diabetes130
from wherry_risk.training.data.files import Files, hashes
from wherry_risk.training.people import Person


@dataclass(frozen=True, slots=True)
class DataSet:
    """How one data set is read."""

    name: str
    roles: tuple[str, ...]
    people: Callable[[Files], Iterator[Person]]

    def paths(self, files: Files) -> tuple[Path, ...]:
        """Its files. Raises: Failure(NOT_FOUND) when one is not there."""
        for role in self.roles:
            if role not in files:
                raise Failure(Kind.NOT_FOUND, f"no file with {role} of {self.name}", at="data")
        return tuple(path for role in self.roles for path in files[role])

    def hashes(self, files: Files) -> dict[str, str]:
        """The SHA-256 of each file."""
        return hashes(self.paths(files))


SETS: Mapping[str, DataSet] = {
    one.NAME: DataSet(one.NAME, one.ROLES, one.people)
    for one in (physionet2012, eicu_demo, physionet2019, uci_diabetes130)
}
