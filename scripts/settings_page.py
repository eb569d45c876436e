"""Settings classes become docs/settings.md; `--check` says whether the page is current."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from wherry.settings import SuiteSettings
from wherry.suite.settings import UpSettings

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "settings.md"

INTRODUCTION = """\
# Settings

<!-- Written by `make docs` from the settings classes; `make check` says when it is not current. -->

Every setting is an environment variable. `wherry up` sets the addresses, databases and tokens of
its own suite; all others are passed on to the services as they are. Secrets have no default.
"""

# annotated_types attribute → how it is said
BOUNDS = {
    "ge": "at least {}",
    "gt": "more than {}",
    "le": "at most {}",
    "lt": "less than {}",
    "min_length": "at least {} characters",
    "max_length": "at most {} characters",
    "pattern": "matches `{}`",
}


def main() -> None:
    page = whole_page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(page)
        return
    if not PAGE.exists() or PAGE.read_text() != page:
        sys.exit("docs/settings.md is not current: run `make docs` and commit the page")


def whole_page() -> str:
    """The page as it should be."""
    parts = [
        INTRODUCTION,
        section("All services", SuiteSettings),
        section("`wherry up` and `wherry demo`", UpSettings),
    ]
    parts += [
        section(
            f"{path.parents[1].name} (`{path.parent.name}`)", settings(path), known=SuiteSettings
        )
        for path in sorted(ROOT.glob("services/*/wherry_*/settings.py"))
    ]
    return "\n".join(parts)


def settings(path: Path) -> type[BaseSettings]:
    """The Settings class of one service."""
    found = import_module(f"{path.parent.name}.settings").Settings
    if not (isinstance(found, type) and issubclass(found, SuiteSettings)):
        raise TypeError(f"{path}: Settings must be a SuiteSettings")
    return found


def section(title: str, cls: type[BaseSettings], known: type[BaseSettings] | None = None) -> str:
    """One table; fields that stand in `known` just so were described before."""
    before = known.model_fields if known else {}
    rows = [
        f"| `{variable(cls, name)}` | {type_of(field.annotation)} | {default(field)} "
        f"| {escaped(', '.join(bounds(field)) or '–')} | {escaped(field.description or '')} |"
        for name, field in cls.model_fields.items()
        if repr(before.get(name)) != repr(field)
    ]
    head = "| variable | type | default | bounds | meaning |\n| --- | --- | --- | --- | --- |"
    body = "\n".join([head, *rows]) if rows else "Nothing of its own."
    return f"## {title}\n\n{body}\n"


def escaped(text: str) -> str:
    """A text that may stand in a cell of a Markdown table."""
    return text.replace("|", "\\|").replace("<", "&lt;")


def variable(cls: type[BaseSettings], name: str) -> str:
    alias = cls.model_fields[name].validation_alias
    return str(alias) if alias else f"{cls.model_config.get('env_prefix', '')}{name}".upper()


def type_of(annotation: Any) -> str:
    """How a type is said to a person who sets it."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_of(args[0])
    if origin is Literal:
        return "one of " + ", ".join(f"`{arg}`" for arg in args)
    if origin in (Union, UnionType):
        return " or ".join(type_of(arg) for arg in args if arg is not type(None))
    if origin in (tuple, list, set, frozenset):
        return f"list of {type_of(args[0])}"
    names = {
        dict: "JSON object",
        str: "text",
        int: "whole number",
        float: "number",
        bool: "`true` or `false`",
    }
    if annotation is SecretStr:
        return "secret text"
    return names.get(origin or annotation, getattr(annotation, "__name__", str(annotation)))


def default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be set"
    if SecretStr in (field.annotation, *get_args(field.annotation)):
        return "none"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ("", (), {}):
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`"


def bounds(field: FieldInfo) -> Iterator[str]:
    for entry in field.metadata:
        for name, words in BOUNDS.items():
            if (limit := getattr(entry, name, None)) is not None:
                yield words.format(limit)


if __name__ == "__main__":
    main()
