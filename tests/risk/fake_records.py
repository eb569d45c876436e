"""Score records and their audit in memory, with the contract of the SQL tables."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from wherry.errors import Failure, Kind
from wherry_risk.records import CHAMPION, DEFAULT_TENANT, Head, ScoreDeed, ScoreRecord, What

THEN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class FakeRecords:
    """The `Records` port; set `away` to make it fail."""

    def __init__(self) -> None:
        self.kept: list[ScoreRecord] = []
        self.written: list[str] = []
        self.away = False

    def add(self, records: Sequence[ScoreRecord], *, durable: bool = True) -> None:
        self.ping()
        self.kept += records

    def get(self, id_: str) -> ScoreRecord:
        self.ping()
        for record in self.kept:
            if record.head.id == id_:
                return record
        raise Failure(Kind.NOT_FOUND, "there is no such score record", at="id")

    def of_patient(
        self, patient_id: str, *, model: str, since: datetime, tenant: str = DEFAULT_TENANT,
        role: str = CHAMPION, limit: int = 10_000,
    ) -> list[Head]:  # fmt: skip
        self.ping()
        heads = [record.head for record in self.kept]
        found = [
            head
            for head in heads
            if (head.patient_id, head.model, head.tenant, head.role)
            == (patient_id, model, tenant, role)
            and head.at >= since
        ]
        return sorted(found, key=lambda head: head.at)[-limit:]

    def between(
        self, since: datetime, until: datetime, *, model: str = "", tenant: str = DEFAULT_TENANT,
        role: str = "",
    ) -> Iterator[ScoreRecord]:  # fmt: skip
        self.ping()
        for record in sorted(self.kept, key=lambda record: record.head.made_at):
            head = record.head
            if (
                since <= head.made_at < until
                and head.tenant == tenant
                and model in ("", head.model)
                and role in ("", head.role)
            ):
                yield record

    def wrote(self, ids: Sequence[str]) -> None:
        self.ping()
        self.written += ids

    def standing(
        self, patient_id: str, *, model: str, tenant: str = DEFAULT_TENANT
    ) -> ScoreRecord | None:
        self.ping()
        found = [
            record
            for record in self.kept
            if (record.head.patient_id, record.head.model, record.head.tenant)
            == (patient_id, model, tenant)
            and record.head.id in self.written
        ]
        return max(found, key=lambda record: record.head.at, default=None)

    def ping(self) -> None:
        if self.away:
            raise Failure(Kind.UNAVAILABLE, "the database is away", at="records")


class FakeScoreAudit:
    """The `ScoreAudit` port."""

    def __init__(self) -> None:
        self.rows: list[ScoreDeed] = []
        self.away = False

    def note(
        self, who: str, what: What, *, record_id: str = "", patient_id: str = "", note: str = ""
    ) -> None:
        if self.away:
            raise Failure(Kind.UNAVAILABLE, "the database is away", at="records")
        key = f"key of {patient_id}" if patient_id else ""
        self.rows.append(ScoreDeed(len(self.rows) + 1, THEN, who, what, record_id, key, note))

    def deeds(self, *, after: int = 0, limit: int = 100) -> list[ScoreDeed]:
        return [row for row in self.rows if row.id > after][:limit]
