"""Counts of codes without a place in their table, by sender and table; the names are synthetic."""

from wherry.ports import Tally


def test_nothing_is_counted_at_first(tally: Tally) -> None:
    assert dict(tally.counts()) == {}


def test_counts_add_up_by_sender_and_table_and_the_most_come_first(tally: Tally) -> None:
    tally.add({("LAB|NORTH", "AdministrativeSex"): 2, ("LAB|NORTH", "MaritalStatus"): 1})
    tally.add({("LAB|NORTH", "AdministrativeSex"): 3, ("ADT|SOUTH", "AdministrativeSex"): 1})

    assert list(tally.counts().items()) == [
        (("LAB|NORTH", "AdministrativeSex"), 5),
        (("ADT|SOUTH", "AdministrativeSex"), 1),
        (("LAB|NORTH", "MaritalStatus"), 1),
    ]


def test_adding_nothing_changes_nothing(tally: Tally) -> None:
    tally.add({})

    assert dict(tally.counts()) == {}
