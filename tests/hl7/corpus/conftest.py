"""The corpora beside the checkout, translated once a session; their figures after the tests."""

from pathlib import Path

import pytest

from hl7corpus import exceptions
from hl7corpus.figures import Figure, together
from hl7corpus.files import nearby
from hl7corpus.measure import Measure

HERE = Path(__file__).parent
MEASURED = pytest.StashKey[Measure]()


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of corpora."""
    found = nearby(HERE)
    if found is None:
        pytest.skip("no corpora of HL7 messages beside the checkout")
    return found


@pytest.fixture(scope="session")
def measure(root: Path, pytestconfig: pytest.Config) -> Measure:
    """Everything that is measured about the corpora."""
    made = Measure(root, exceptions.listed(HERE / "exceptions.csv"))
    pytestconfig.stash[MEASURED] = made
    return made


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show how much agrees, by corpus and message type."""
    measure = config.stash.get(MEASURED, None)
    if measure is None:
        return
    terminalreporter.section("agreement with the corpora of HL7 messages")
    for corpus in sorted({one.corpus for one in measure.figures}):
        terminalreporter.write_line(_line(together(measure.figures, corpus)))
        mine = [one for one in measure.figures if one.corpus == corpus]
        for one in mine if config.get_verbosity() > 0 else _short(mine):
            terminalreporter.write_line(f"  {_line(one)}")


def _short(figures: list[Figure]) -> list[Figure]:
    """Those that are not at 100 %."""
    return [one for one in figures if one.open]


def _line(one: Figure) -> str:
    name = one.corpus if one.kind == "all" else one.kind
    return (
        f"{name:18} {one.percent:5.1f} % of {one.total}: {one.agreed} agree, "
        f"{one.listed} differ for a listed reason, {len(one.open)} open"
    )
