"""A worker that slept between reading and writing, while another went on. Data are synthetic."""

from collections.abc import Callable

import pytest
from tests.wherry.translations import T1, known, result

from wherry.errors import Failure, Kind
from wherry.landing import Landed, land
from wherry.resource import Bundle
from wherry.testing.fhir import FakeFhir


class _Sleeping(FakeFhir):
    """A server before whose first transaction something happens."""

    def __init__(self, then: Callable[["_Sleeping"], object]) -> None:
        super().__init__()
        self._then: Callable[[_Sleeping], object] | None = then

    def send(self, bundle: Bundle) -> Bundle:
        if bundle["type"] == "transaction" and self._then:
            then, self._then = self._then, None
            then(self)
        return super().send(bundle)


def value(fhir: FakeFhir) -> str:
    """What the one result of the patient says."""
    (one,) = [
        resource for resource in fhir.all("Observation") if known("p1-o0") in resource["identifier"]
    ]
    return str(one["valueString"])


def others_land_both(fhir: FakeFhir) -> None:
    """Whoever took the claim over lands its message and the next one, of the same second."""
    for each in (result("1", T1, "early"), result("2", T1, "late")):
        (landed,) = land([each], fhir)
        assert isinstance(landed, Landed)


def test_who_lost_the_race_does_not_put_what_is_old_over_what_came_next() -> None:
    fhir = _Sleeping(lambda _: None)
    land([result("0", T1, "first")], fhir)
    fhir._then = others_land_both

    (landed,) = land([result("1", T1, "early")], fhir)

    assert isinstance(landed, Landed)
    assert value(fhir) == "late"


def test_who_lost_the_claim_asleep_writes_no_more() -> None:
    fhir = _Sleeping(others_land_both)

    (failed,) = land([result("1", T1, "early")], fhir, ours=lambda: False)

    assert isinstance(failed, Failure)
    assert (failed.kind, failed.at) == (Kind.UNAVAILABLE, "claim")
    assert value(fhir) == "late"


@pytest.mark.parametrize("ours", [True, False])
def test_whose_claim_it_is_is_asked_before_a_second_try_only(ours: bool) -> None:
    asked: list[bool] = []

    def ask() -> bool:
        asked.append(ours)
        return ours

    (landed,) = land([result("1")], FakeFhir(), ours=ask)

    assert isinstance(landed, Landed)
    assert asked == []
