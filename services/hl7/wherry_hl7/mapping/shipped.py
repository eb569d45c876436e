"""The maps of this package, compiled once."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module, resources
from pkgutil import iter_modules

from wherry_hl7.mapping.library import Library, library
from wherry_hl7.mapping.plan import Plans, plans
from wherry_hl7.mapping.tables import load_shipped

LAYERS = ("structures", "segments", "datatypes")


@cache
def shipped() -> Plans:
    """The plans of the shipped maps. Raises: Failure(INVALID) at file:line."""
    return plans(shipped_library(), load_shipped())


@cache
def shipped_library() -> Library:
    """The shipped maps, not compiled. Raises: Failure(INVALID) at file:line."""
    for package in ("converters", "functions"):  # their modules register what maps may name
        inside = import_module(f"wherry_hl7.translate.{package}")
        for module in iter_modules(inside.__path__):
            import_module(f"{inside.__name__}.{module.name}")
    return library(texts())


def texts() -> Mapping[str, str]:
    """The text of every shipped map file by its path, such as segments/PID.yaml."""
    folder = resources.files("wherry_hl7") / "maps"
    return {
        f"{layer}/{file.name}": file.read_text(encoding="utf-8")
        for layer in LAYERS
        for file in (folder / layer).iterdir()
        if file.name.endswith(".yaml")
    }
