"""Packages and roles become the models that answer now, and those that score beside them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import structlog

from wherry.errors import Failure
from wherry_risk.lifecycle.roles import (
    BESIDE,
    Assignment,
    Role,
    Roles,
    Version,
    champion_of,
    is_stopped,
)
from wherry_risk.model.interface import Model, Registry
from wherry_risk.onnx.load import load, versions_of, why

log = structlog.get_logger()

EVERY_S = 5.0
"""For so long a change of roles may not be seen yet."""
STOPPED = "roles: the champion was retired and no other was named"


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays which part: by id who answers, why another does not, and who scores beside it."""

    models: Registry
    unserved: Mapping[str, str]
    beside: Mapping[str, Sequence[tuple[Role, Model]]] = field(default_factory=dict)


class Standing:
    """The cast of a tenant, looked up again every few seconds; packages are read once.

    While the roles cannot be read the last cast stays. Before they were ever read the newest
    versions stand, and each look asks again.
    """

    def __init__(
        self,
        scores: Registry,
        packages: Path,
        roles: Roles,
        *,
        tenant: str,
        ticks: Callable[[], float],
    ) -> None:
        """`scores` are the published ones, which have no versions beside them."""
        self._scores, self._packages, self._roles = scores, packages, roles
        self._tenant, self._ticks = tenant, ticks
        self._loaded: dict[Version, Model | Failure] = {}
        self._look_again_at = float("-inf")
        self._standing: list[Assignment] | None = None
        self._cast = self._made([])

    def now(self) -> Cast:
        """The cast at this moment."""
        if self._ticks() < self._look_again_at:
            return self._cast
        try:
            standing = self._roles.standing(self._tenant)
        except Failure as failure:
            log.warning("roles_unreadable", kind=failure.kind.name)
            if self._standing is not None:
                self._look_again_at = self._ticks() + EVERY_S
            return self._cast
        self._look_again_at = self._ticks() + EVERY_S
        if standing != self._standing:
            self._standing, self._cast = standing, self._made(standing)
        return self._cast

    @property
    def models(self) -> Registry:
        """By id, always as of now."""
        return View(lambda: self.now().models)

    @property
    def unserved(self) -> Mapping[str, str]:
        """By id, always as of now."""
        return View(lambda: self.now().unserved)

    def beside(self, asked: str) -> Sequence[tuple[Role, Model]]:
        """Who scores beside this model; nobody for most."""
        return self.now().beside.get(asked, ())

    def _made(self, standing: Sequence[Assignment]) -> Cast:
        models, unserved = dict(self._scores), {}
        for name, versions in versions_of(self._packages).items():
            version = champion_of(standing, name) or Version(name, versions[-1])
            found = STOPPED if is_stopped(standing, name) else self._model(version)
            if isinstance(found, str):
                unserved[name] = found
            else:
                models[name] = found
        beside: dict[str, list[tuple[Role, Model]]] = {}
        for one in standing:
            if one.role in BESIDE:
                found = self._model(one.version)
                if isinstance(found, str):
                    unserved[f"{one.version} ({one.role})"] = found
                else:
                    beside.setdefault(one.asked, []).append((one.role, found))
        return Cast(models, unserved, beside)

    def _model(self, version: Version) -> Model | str:
        """The model, or why it is not served; each version is read and checked once."""
        if version not in self._loaded:
            try:
                self._loaded[version] = load(self._packages / version.model / version.version)
            except Failure as failure:
                self._loaded[version] = failure
        found = self._loaded[version]
        return why(found) if isinstance(found, Failure) else found


V = TypeVar("V")


class View(Mapping[str, V]):
    """A mapping that is another one each time somebody looks."""

    def __init__(self, now: Callable[[], Mapping[str, V]]) -> None:
        self._now = now

    def __getitem__(self, key: str) -> V:
        return self._now()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())
