"""Counts of the MLLP listener, without any patient data in a label."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from wherry.hl7.head import Head
from wherry_hl7.sender_labels import SenderLabels


class FeedMetrics:
    """What the listener's /metrics tells."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.blocks = Counter("wherry_hl7_mllp_blocks", "MLLP blocks received", registry=registry)
        self.read_bytes = Counter(
            "wherry_hl7_mllp_read_bytes", "Bytes read from MLLP connections", registry=registry
        )
        self._senders = SenderLabels()
        self._answers = Counter(
            "wherry_hl7_mllp_answers",
            "Acknowledgments by MSA-1 and sender",
            ["code", "sender"],
            registry=registry,
        )
        self.dropped = Counter(
            "wherry_hl7_mllp_dropped",
            "Connections closed or blocks dropped, by reason",
            ["reason"],
            registry=registry,
        )
        self.kept = Counter("wherry_hl7_mllp_kept", "Messages committed", registry=registry)
        self._repeated = Counter(
            "wherry_hl7_mllp_repeated",
            "Messages that came again and were not kept, by sender",
            ["sender"],
            registry=registry,
        )
        self.connections = Gauge(
            "wherry_hl7_mllp_connections",
            "Open MLLP connections, by channel of the listener",
            ["channel"],
            registry=registry,
        )
        self.seconds = Histogram(
            "wherry_hl7_mllp_answer_seconds",
            "Seconds from a whole block to its acknowledgment",
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5),
            registry=registry,
        )

    def answered(self, head: Head, code: str) -> None:
        """Count one acknowledgment of the message with this MSH."""
        self._answers.labels(code, self._senders.of(head)).inc()

    def came_again(self, head: Head) -> None:
        """Count one message that was here before."""
        self._repeated.labels(self._senders.of(head)).inc()
