"""Keeps the code quoted in docs/message-life.md equal to the code: rewrites it, or checks it.

A fenced block opened by ```python PATH::NAME holds the source of that function, class or method.
"""

import argparse
import ast
import re
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "docs" / "message-life.md"]
BLOCK = re.compile(r"```python (?P<path>\S+)::(?P<name>\S+)\n(?P<code>.*?)```", re.DOTALL)


def source_of(path: Path, name: str) -> str:
    """The source text of `name` (dots for nesting) in the file at `path`.

    Raises: KeyError when there is no such definition.
    """
    text = path.read_text()
    node: ast.AST = ast.parse(text)
    for part in name.split("."):
        node = next(
            (
                child
                for child in ast.iter_child_nodes(node)
                if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                and child.name == part
            ),
            ast.Pass(),
        )
        if isinstance(node, ast.Pass):
            raise KeyError(f"{path}::{name}")
    return textwrap.dedent(ast.get_source_segment(text, node, padded=True) or "")


def refreshed(page: str) -> str:
    """The page with every quoted block as the code is now."""

    def block(found: re.Match[str]) -> str:
        code = source_of(ROOT / found["path"], found["name"])
        return f"```python {found['path']}::{found['name']}\n{code.rstrip()}\n```"

    return BLOCK.sub(block, page)


def main() -> None:
    """Rewrite the pages, or with --check say which are out of date and exit 1."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--check", action="store_true")
    check = options.parse_args().check
    stale = [page for page in PAGES if page.read_text() != refreshed(page.read_text())]
    for page in stale:
        if not check:
            page.write_text(refreshed(page.read_text()))
    if check and stale:
        sys.exit(f"out of date, run `make docs`: {', '.join(page.name for page in stale)}")


if __name__ == "__main__":
    main()
