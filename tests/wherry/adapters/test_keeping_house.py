"""A thread that looks whether a purge is due outlives what goes wrong."""

import pytest

from wherry.adapters.keeping_house import looked
from wherry.errors import Failure, Kind


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Failure(Kind.UNAVAILABLE, "away"), "purge_failed"),
        (ZeroDivisionError("about Jane Invented"), "purge_broke"),
    ],
)
def test_a_look_that_fails_is_told_and_the_next_one_comes(
    error: Exception, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def purge() -> bool:
        raise error

    assert not looked(purge)
    assert looked(lambda: True)
    told = capsys.readouterr().out
    assert said in told
    assert "Invented" not in told
