"""The utility of the PhysioNet Challenge 2019, against a plain reading of its definition."""

import numpy as np
import pytest

from wherry_risk.training.utility import worth_of


def by_definition(label: list[int], alarm: list[int]) -> float:
    """Hour by hour as the organisers define it."""
    onset = label.index(1) + 6 if 1 in label else None
    total = 0.0
    for hour, raised in enumerate(alarm):
        if onset is None:
            total += -0.05 * raised
            continue
        ahead = hour - onset
        if ahead > 3:
            continue
        if raised:
            total += max((ahead + 12) / 6, -0.05) if ahead <= -6 else (3 - ahead) / 9
        elif ahead > -6:
            total += -2 * (ahead + 6) / 9
    return total


def normalised(people: list[tuple[list[int], list[int]]]) -> float:
    def best(label: list[int]) -> list[int]:
        if 1 not in label:
            return [0] * len(label)
        onset = label.index(1) + 6
        return [int(onset - 12 <= hour <= onset + 3) for hour in range(len(label))]

    got = sum(by_definition(label, alarm) for label, alarm in people)
    most = sum(by_definition(label, best(label)) for label, _ in people)
    least = sum(by_definition(label, [0] * len(label)) for label, _ in people)
    return (got - least) / (most - least)


def test_it_is_the_organisers_utility() -> None:
    random = np.random.default_rng(5)
    people = []
    for n in range(40):
        hours, onset = int(random.integers(5, 60)), int(random.integers(0, 50))
        label = [int(n % 3 == 0 and hour >= onset) for hour in range(hours)]
        people.append((label, random.integers(0, 2, hours).tolist()))
    person = np.concatenate([np.full(len(one[0]), str(n)) for n, one in enumerate(people)])
    labels = np.concatenate([one[0] for one in people]).astype(bool)
    alarms = np.concatenate([one[1] for one in people]).astype(bool)

    assert worth_of(labels, person).score(alarms) == pytest.approx(normalised(people), abs=1e-9)


def test_silence_is_worth_nothing_and_the_best_alarms_one() -> None:
    label = np.array([0] * 20 + [1] * 10, dtype=bool)
    person = np.full(30, "a")
    worth = worth_of(label, person)

    hours = np.arange(30) - 26
    assert worth.score(np.zeros(30, dtype=bool)) == 0
    assert worth.score((hours >= -12) & (hours <= 3)) == pytest.approx(1)


def test_without_sepsis_there_is_no_utility() -> None:
    nobody = np.zeros(5, dtype=bool)

    assert np.isnan(worth_of(nobody, np.full(5, "a")).score(nobody))
