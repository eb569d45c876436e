"""Rows of the ledger of paths as what they mean, and back."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row

from wherry_devices.mapping.paths import PLAIN, Name, Sighting, Stand
from wherry_devices.mapping.withdrawals import Withdrawal


def withdrawal(one: Withdrawal) -> dict[str, Any]:
    """The row of a withdrawal."""
    return {
        "owner": one.owner,
        "family": one.family,
        "since_s": one.since_s,
        "until_s": one.until_s,
        "said_s": one.said_s,
    }


def values(one: Sighting, *, withdrawn: bool) -> dict[str, Any]:
    """The row of a sighting that is a duplicate of nothing yet."""
    return {
        "source": one.name[0],
        "reading": one.name[1],
        "patient_id": one.patient,
        "family": one.family,
        "owner": one.owner,
        "maker": one.maker,
        "path_rank": one.rank,
        "instant_s": one.instant_s,
        "said_s": one.said_s,
        "value_hash": "" if withdrawn else one.value_hash,
        "withdrawn": withdrawn,
        "last": False,
        **columns(None),
    }


def sighting(row: Row[Any]) -> Sighting:
    """What a row tells of a reading."""
    return Sighting(
        name=name_of(row),
        patient=row.patient_id,
        family=row.family,
        owner=row.owner,
        maker=row.maker,
        rank=row.path_rank,
        instant_s=row.instant_s,
        said_s=row.said_s,
        value_hash=row.value_hash,
    )


def name_of(row: Row[Any]) -> Name:
    """What the reading of a row is called."""
    return row.source, row.reading


def columns(name: Name | None) -> dict[str, str]:
    """The columns that say what something is a duplicate of."""
    source, value = name or ("", "")
    return {"preferred_source": source, "preferred_reading": value}


def preferred_of(row: Row[Any]) -> Name | None:
    """What the reading of a row is a duplicate of."""
    return (row.preferred_source, row.preferred_reading) if row.preferred_source else None


def stand(row: Row[Any]) -> Stand:
    """How the reading of a row stands."""
    return Stand(preferred_of(row), row.withdrawn)


def stands(rows: Iterable[Row[Any]]) -> dict[Name, Stand]:
    """How those stand that are duplicates or were taken back."""
    told = {name_of(row): stand(row) for row in rows}
    return {name: found for name, found in told.items() if found != PLAIN}
