"""One table of tags: every tag that a reading can get has a row, and the README shows it."""

from pathlib import Path

from tests.devices.harness import TEMPLATES

from wherry.fhir.quality import QUALITY
from wherry_devices.duplicates.marking import DUPLICATE
from wherry_devices.mapping.header import TAGS
from wherry_devices.mapping.vitals import SUSPECT

README = Path(__file__).parents[2] / "services" / "devices" / "README.md"


def test_every_tag_of_a_reading_has_a_row() -> None:
    words = {word for one in TEMPLATES.values() for word in one.template.quality}
    ours = {*TAGS.values(), SUSPECT, DUPLICATE, "demo", "backfill", "ambiguous-time"}

    assert (words | ours) - QUALITY.keys() == set()


def test_the_readme_shows_the_table_as_it_is() -> None:
    rows = [
        f"| `{tag}` | {use.scored.value} | {_yes(use.averaged)} | {_yes(use.usual)} | {use.why} |"
        for tag, use in QUALITY.items()
    ]

    assert "\n".join(rows) in README.read_text()


def _yes(said: bool) -> str:
    return "yes" if said else "no"
