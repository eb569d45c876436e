"""The inbox's counts become gauges when Prometheus asks."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from wherry.errors import Failure
from wherry.ports import InboxDesk, Tally

_MOST_ROWS = 200


class InboxCollector(Collector):
    """Reads the inbox at each scrape; says nothing while the database is away."""

    def __init__(self, desk: InboxDesk, tally: Tally) -> None:
        self._desk = desk
        self._tally = tally

    def describe(self) -> Iterator[Metric]:
        """Names without values, so that registering asks no database."""
        yield GaugeMetricFamily("wherry_inbox_messages", "Messages in the inbox by source, state")
        yield GaugeMetricFamily("wherry_inbox_oldest_waiting_seconds", "Oldest unfinished message")
        yield GaugeMetricFamily("wherry_hl7_unknown_codes", "Codes without a row in their table")

    def collect(self) -> Iterator[Metric]:
        """The gauges as they are now."""
        try:
            counts, oldest_s = self._desk.counts(), self._desk.oldest_waiting_s()
            unknown = self._tally.counts()
        except Failure:
            return
        messages = GaugeMetricFamily(
            "wherry_inbox_messages",
            "Messages in the inbox by source and state",
            labels=["source", "state"],
        )
        for (source, state), count in sorted(counts.items()):
            messages.add_metric([source, state.value], count)
        yield messages
        yield GaugeMetricFamily(
            "wherry_inbox_oldest_waiting_seconds",
            "Age of the oldest unfinished message",
            value=oldest_s,
        )
        codes = GaugeMetricFamily(
            "wherry_hl7_unknown_codes",
            "Codes that a code table does not have, since the start of the database",
            labels=["sender", "table"],
        )
        for (sender, table), times in list(unknown.items())[:_MOST_ROWS]:
            codes.add_metric([sender, table], times)
        yield codes
