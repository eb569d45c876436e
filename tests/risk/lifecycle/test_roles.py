"""Who becomes what, and what that does to the others."""

from datetime import UTC, datetime

import pytest

from wherry.errors import Failure, Kind
from wherry_risk.lifecycle.roles import (
    Assignment,
    Deed,
    Role,
    Version,
    champion_before,
    given,
    is_stopped,
    version_of,
)

NOW = datetime(2026, 10, 1, tzinfo=UTC)
OLD, NEW = Version("m", "0.1.0"), Version("m", "0.2.0")


def stands(version: Version, role: Role, asked: str = "m") -> Assignment:
    return Assignment("t", asked, version, role, NOW, "A. Name", "why")


def deed(version: Version, after: Role, **more: str) -> Deed:
    told = {"by": "A. Name", "reason": "why", **more}
    return Deed(NOW, "t", "m", version, None, after, told["by"], told["reason"])


def test_a_version_is_written_with_its_number() -> None:
    assert version_of("sepsis-6h@0.1.0") == ("sepsis-6h", "0.1.0")


@pytest.mark.parametrize("text", ["sepsis-6h", "sepsis-6h@1", "Sepsis@0.1.0", "a@0.1.0@0.2.0", ""])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Failure, match="MODEL@VERSION"):
        version_of(text)


def test_a_new_champion_retires_the_old_one_in_the_same_change() -> None:
    standing = [stands(OLD, Role.CHAMPION), stands(NEW, Role.CHALLENGER)]

    told = given(standing, deed(NEW, Role.CHAMPION))

    assert [(one.version, one.before, one.after) for one in told] == [
        (OLD, Role.CHAMPION, Role.RETIRED),
        (NEW, Role.CHALLENGER, Role.CHAMPION),
    ]


def test_a_shadow_changes_nobody_else() -> None:
    told = given([stands(OLD, Role.CHAMPION)], deed(NEW, Role.SHADOW))

    assert [(one.version, one.before, one.after) for one in told] == [(NEW, None, Role.SHADOW)]


@pytest.mark.parametrize("missing", [{"by": " "}, {"reason": ""}])
def test_nobody_in_particular_and_for_no_reason_is_refused(missing: dict[str, str]) -> None:
    with pytest.raises(Failure) as caught:
        given([], deed(NEW, Role.SHADOW, **missing))

    assert (caught.value.kind, caught.value.at) == (Kind.INVALID, next(iter(missing)))


def test_a_sibling_runs_beside_a_model_and_never_answers_for_it() -> None:
    sibling = Version("m-full", "0.1.0")

    assert given([], deed(sibling, Role.SHADOW))[0].after is Role.SHADOW
    with pytest.raises(Failure, match="its own id"):
        given([], deed(sibling, Role.CHAMPION))


def test_the_same_role_again_is_told() -> None:
    with pytest.raises(Failure, match="already"):
        given([stands(NEW, Role.SHADOW)], deed(NEW, Role.SHADOW))


def test_a_retired_champion_without_a_successor_stops_the_model() -> None:
    assert is_stopped([stands(OLD, Role.RETIRED)], "m")
    assert not is_stopped([stands(OLD, Role.RETIRED), stands(NEW, Role.CHAMPION)], "m")
    assert not is_stopped([stands(NEW, Role.SHADOW)], "m")
    assert not is_stopped([stands(Version("m-full", "0.1.0"), Role.RETIRED)], "m")


def test_the_way_back_leads_to_the_champion_before() -> None:
    trail = [
        *given([stands(OLD, Role.CHAMPION)], deed(NEW, Role.CHAMPION)),
        deed(Version("other", "0.1.0"), Role.SHADOW),
    ]

    assert champion_before(trail, "m") == OLD
    with pytest.raises(Failure, match="no other champion"):
        champion_before(trail, "other")
