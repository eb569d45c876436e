"""YAML files become templates that may be used, or a Failure with file and line."""

import re
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec
import structlog
import yaml

from wherry.errors import Failure, Kind
from wherry_devices.mapping.lint import lint
from wherry_devices.mapping.template import Compiled, Template

Templates = Mapping[str, Compiled]


class Reloading(Mapping[str, Compiled]):
    """The templates of a directory as they are now: a file that changes is read again.

    One that cannot be used is told and changes nothing: what was good stays in use. How often a
    look is taken is `every_s`.
    """

    def __init__(
        self, directory: str, clock: Callable[[], float] = monotonic, every_s: float = 2.0
    ) -> None:
        self._directory, self._clock, self._every_s = directory, clock, every_s
        self._found: Templates = load(directory)
        self._seen, self._next = _stamp(directory), clock() + every_s

    def __getitem__(self, name: str) -> Compiled:
        return self._now()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def _now(self) -> Templates:
        if self._clock() >= self._next:
            self._next = self._clock() + self._every_s
            seen = _stamp(self._directory)
            if seen != self._seen:
                self._seen = seen
                self._reload()
        return self._found

    def _reload(self) -> None:
        try:
            self._found = load(self._directory)
        except Failure as failure:
            log.error("templates_refused", at=failure.at, why=failure.detail)
            return
        log.info("templates_reloaded", count=len(self._found))


def _stamp(directory: str) -> tuple[tuple[str, int, int], ...]:
    """What changes when a file of a directory does; nothing without a directory."""
    try:
        stats = [(path.name, path.stat()) for path in sorted(Path(directory).glob("*.yaml"))]
    except OSError:
        return ()
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


log = structlog.get_logger()

_OURS = Path(str(files("wherry_devices"))) / "templates"
_ID = re.compile(r"[a-z0-9-]+", re.ASCII)
_AT = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_STEP = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<number>\d+)\]|(?P<any>\[\.\.\.\])")


def load(directory: str = "") -> Templates:
    """The templates of this package and those of a site's own directory, by source name.

    A site's template takes the place of one of ours with the same id.
    Raises: Failure(INVALID) with file and line when one cannot be used.
    """
    found = _all_of(_OURS)
    if directory:
        found |= _all_of(Path(directory))
    return found


def parsed(text: str, name: str) -> Compiled:
    """One template. Raises: Failure(INVALID) at file:line."""
    template, problems = _checked(text)
    if template is None or problems:
        line, what = min(problems)
        raise _failure(name, line, what)
    return Compiled(template)


def findings(text: str, name: str) -> list[str]:
    """Everything that is wrong with a template, as `file:line: what`, in the order of lines."""
    return [f"{name}:{line}: {what}" for line, what in sorted(_checked(text)[1])]


def json_schema() -> bytes:
    """The shape of templates as JSON Schema 2020-12, for editors; what words mean lint checks."""
    return msgspec.json.format(msgspec.json.encode(msgspec.json.schema(Template)), indent=2)


def _checked(text: str) -> tuple[Template | None, list[tuple[int, str]]]:
    """The template, if the text is one, and each problem with its line."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        return None, [(line, getattr(error, "problem", None) or "not YAML")]
    problem = _with_codes_of(data)
    if problem:
        return None, [(_line(node, ("codes_of",)), problem)]
    try:
        template = msgspec.convert(data, Template)
    except msgspec.ValidationError as error:
        said = str(error)
        found = _AT.search(said)
        line = _line(node, _steps(found["path"]) if found else ())
        return None, [(line, _AT.sub("", said))]
    return template, [(_line(node, path), what) for path, what in lint(template)]


def _with_codes_of(data: Any) -> str:
    """Give a template the codes and units of another of this package; why that cannot be, or ""."""
    if not isinstance(data, dict) or "codes_of" not in data:
        return ""
    name = str(data.pop("codes_of"))
    path = _OURS / f"{name}.yaml"
    if not _ID.fullmatch(name) or not path.is_file():
        return "no template of this package"
    other = yaml.safe_load(path.read_text())
    if "codes_of" in other:
        return "its codes are another's themselves"
    for part in ("codes", "units", "ignored", "not_mapped"):
        if part in other:
            data.setdefault(part, other[part])
    return ""


def _all_of(directory: Path) -> dict[str, Compiled]:
    try:
        texts = {path: path.read_text() for path in sorted(directory.glob("*.yaml"))}
    except (OSError, UnicodeDecodeError):
        raise Failure(Kind.INVALID, "a template cannot be read", at=directory.name) from None
    if not texts:
        raise Failure(Kind.INVALID, "no *.yaml in the directory of templates", at=directory.name)
    found: dict[str, Compiled] = {}
    for path, text in texts.items():
        made = parsed(text, path.name)
        if made.template.id in found:
            raise Failure(Kind.INVALID, "another file has the same id", at=path.name)
        found[made.template.id] = made
    return found


def _failure(name: str, line: int, text: str) -> Failure:
    return Failure(Kind.INVALID, text, at=f"{name}:{line}")


def _steps(path: str) -> tuple[str | int, ...]:
    """`.codes[...][0].kind` up to the first step that msgspec does not name."""
    steps: list[str | int] = []
    for step in _STEP.finditer(path):
        if step["any"]:
            break
        steps.append(step["name"] or int(step["number"]))
    return tuple(steps)


def _line(node: yaml.Node | None, path: tuple[str | int, ...]) -> int:
    """The line of the deepest part of the path that is in the file, counted from 1."""
    line = node.start_mark.line if node else 0
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if k.value == step), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            if step >= len(node.value):
                break
            node = node.value[step]
            line = node.start_mark.line
    return line + 1
