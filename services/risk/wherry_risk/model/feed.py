"""A record's newest Observations become how current the feed is that brings a model's inputs."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from wherry_risk.model.candidates import SKEW
from wherry_risk.model.index import Measured
from wherry_risk.model.moments import moment
from wherry_risk.model.record import Record
from wherry_risk.model.spec import ModelSpec
from wherry_risk.model.stay import stay_of


class Feed(NamedTuple):
    """When the newest Observation of any input was measured, and when it became known to us.

    `received_at`: meta.lastUpdated, without it issued; None when neither says, or only later than
    the moment of judgement.
    """

    newest_at: datetime
    received_at: datetime | None

    def age(self, at: datetime) -> timedelta:
        """How far the feed as a whole lies behind; 0 within the allowed clock skew."""
        return max(timedelta(0), at - self.newest_at)

    def delay(self) -> timedelta | None:
        """How long the newest Observation was on its way; None when nothing tells."""
        if self.received_at is None:
            return None
        return max(timedelta(0), self.received_at - self.newest_at)


class Lag(NamedTuple):
    """A feed that lies behind by more than a model bears, in figures."""

    feed: Feed
    age: timedelta
    limit: timedelta

    @property
    def late(self) -> bool:
        """Whether values still arrive, but late; else nothing arrives at all."""
        delay = self.feed.delay()
        return delay is not None and delay > self.limit


def feed_of(spec: ModelSpec, record: Record, *, at: datetime) -> Feed | None:
    """The feed behind the inputs of `spec` as known at `at`.

    None when the record has no measurement of them, and when the stay that it tells of is over:
    then nothing new is to be expected, and silence is no lag.
    """
    stay = stay_of(record, at)
    if stay is not None and stay.end < at:
        return None
    known = [one for one in _measured(spec, record) if one.at is not None and one.at - at <= SKEW]
    newest = max((one.at for one in known if one.at is not None), default=None)
    if newest is None:
        return None
    received = [
        told
        for one in known
        if one.at == newest and (told := _received(one)) is not None and told - at <= SKEW
    ]
    return Feed(newest, min(received, default=None))


def lag_of(feed: Feed | None, *, at: datetime, limit: timedelta) -> Lag | None:
    """The lag when it is greater than the limit."""
    if feed is None or feed.age(at) <= limit:
        return None
    return Lag(feed, feed.age(at), limit)


def lag_text(lag: Lag) -> str:
    """What is said of a lag: by how much, and whether values are late or nothing arrives."""
    delay = lag.feed.delay()
    if lag.late and delay is not None:
        return (
            f"Values arrive {_spoken(delay)} after they were measured; the newest is from "
            f"{_spoken(lag.age)} ago, and the model bears {_spoken(lag.limit)}."
        )
    return (
        f"No value of any input has come in for {_spoken(lag.age)}; the model bears "
        f"{_spoken(lag.limit)}."
    )


def _measured(spec: ModelSpec, record: Record) -> Iterable[Measured]:
    for code in dict.fromkeys(spec.codes()):
        for measured, _ in record.index.get(code, ()):
            yield measured


def _received(measured: Measured) -> datetime | None:
    return moment(measured.whole.meta.last_updated) or moment(measured.whole.issued)


def _spoken(time: timedelta) -> str:
    hours, minutes = divmod(int(time.total_seconds()) // 60, 60)
    parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes or not hours)
    return " ".join(parts)
