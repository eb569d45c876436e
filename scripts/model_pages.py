"""Model packages and scores become docs/models/; `--check` says whether they are current."""

import sys
from pathlib import Path

from wherry_risk.technical.pages import pages

FOLDER = Path(__file__).parents[1] / "docs" / "models"


def main() -> None:
    made = pages()
    known = {path.name: path.read_text() for path in FOLDER.glob("*.md")}
    if "--check" in sys.argv[1:]:
        if known != made:
            stale = sorted(n for n in {*known, *made} if known.get(n) != made.get(n))
            sys.exit(f"docs/models is not current ({', '.join(stale)}): run `make docs`")
        return
    FOLDER.mkdir(exist_ok=True)
    for name in known.keys() - made.keys():
        (FOLDER / name).unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
