"""A data directory becomes the files of one running suite: lock, FHIR token, logs, databases."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wherry.errors import Failure, Kind

LOG_LIMIT_BYTES = 5 * 1024 * 1024


class Place:
    """The files below one `--data` directory."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.logs = self.root / "logs"
        self.token_file = self.root / "fhir-token"
        self._door_file = self.root / "door-secret"

    def prepare(self) -> None:
        """Make the directories; only their owner may look in: they hold patient data.

        Raises: Failure(UNAVAILABLE) when that is not possible.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.logs.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise Failure(
                Kind.UNAVAILABLE, f"cannot write there: {error.strerror}", at=str(self.root)
            ) from None

    def directory(self, name: str) -> Path:
        """A directory below, made when it is not there yet."""
        path = self.root / name
        path.mkdir(exist_ok=True, mode=0o700)
        return path

    def sqlite(self, name: str) -> str:
        """The address of a SQLite file of this suite."""
        return f"sqlite:///{self.root / name}.db"

    def log_file(self, name: str) -> Path:
        """Where a process writes."""
        return self.logs / f"{Path(name).name}.log"

    def fresh_log(self, name: str) -> Path:
        """The same for a process about to start: over the limit it is put aside, one is kept."""
        path = self.log_file(name)
        if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
            path.replace(path.with_suffix(".log.1"))
        return path

    def token(self) -> str:
        """The FHIR server's bearer token, made the first time; only the owner can read the file."""
        if found := self.known_token():
            return found
        fresh = secrets.token_urlsafe(32)
        write_private(self.token_file, fresh + "\n")
        return fresh

    def known_token(self) -> str:
        """The token if one was made before, else an empty text."""
        if not self.token_file.exists():
            return ""
        return self.token_file.read_text().strip()

    def door_secret(self) -> str:
        """What stands in the path of vendors' notices; made and kept as the token is."""
        if self._door_file.exists():
            return self._door_file.read_text().strip()
        fresh = secrets.token_urlsafe(32)
        write_private(self._door_file, fresh + "\n")
        return fresh

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold this directory alone; the system frees it when the process ends, however it ends.

        Raises: Failure(CONFLICT) when another suite runs in it.
        """
        with (self.root / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Failure(
                    Kind.CONFLICT, "another `wherry up` runs in this directory", at=str(self.root)
                ) from None
            yield


def write_private(path: Path, text: str) -> None:
    """Put a text into a file that only its owner can read; it is there whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    draft.replace(path)
