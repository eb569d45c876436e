"""Score records become rows of one table, sealed to themselves, and rows become records again."""

import hmac
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Engine, Row, insert, select, update

from wherry.adapters.sealing import NO_KEYS, Seal, Sealer
from wherry.adapters.sql import database_now, of_sqlite, reading, writing
from wherry.errors import Failure, Kind
from wherry_risk.flushing import Flush
from wherry_risk.model.recording import decoded, encoded
from wherry_risk.records import CHAMPION, DEFAULT_TENANT, Head, ScoreRecord, Status
from wherry_risk.tables import score_record

_row = score_record.c
_PAGE = 200
_FASTEST = 1
"""Level of deflate: the next ones take twice the time and save a tenth."""


class Ending(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What of the head is sealed: whose it is and what came out."""

    patient: str
    at: datetime
    status: Status
    tier: str = ""
    score: Any = None
    probability: Any = None
    refusal: str = ""
    beside: str = ""


_ENCODER = msgspec.json.Encoder(decimal_format="number")
_ENDINGS = msgspec.json.Decoder(Ending, float_hook=Decimal)


_NAMES = [column.name for column in score_record.columns if column.name != "n"]
_INSERT = (
    f"INSERT INTO score_record ({', '.join(_NAMES)}) "  # noqa: S608 - names of our own columns
    f"VALUES ({', '.join(f':{name}' for name in _NAMES)})"
)


class PatientKeys:
    """Hashes by which a patient's rows are found; without a key they are plain hashes."""

    def __init__(self, keys: Sequence[bytes] = ()) -> None:
        self._keys = [hmac.digest(key, b"wherry score record patient", sha256) for key in keys]

    def of(self, tenant: str, patient_id: str) -> str:
        """Under the key in use."""
        return self.all(tenant, patient_id)[0]

    def all(self, tenant: str, patient_id: str) -> list[str]:
        """Under each key that rows may have been written with, also none; the one in use first."""
        name = f"{tenant}\x1f{patient_id}".encode()
        return [
            *(hmac.digest(key, name, sha256).hex() for key in self._keys),
            sha256(b"wherry score record patient\x1f" + name).hexdigest(),
        ]


class SqlRecords:
    """The `Records` port."""

    def __init__(
        self, engine: Engine, sealer: Sealer = NO_KEYS, patients: PatientKeys | None = None
    ) -> None:
        self._engine = engine
        self._sealer = sealer
        self._patients = patients or PatientKeys()
        sqlite = engine.dialect.name == "sqlite"
        self.flush = Flush(engine.url.database or "" if sqlite else "")

    def add(self, records: Sequence[ScoreRecord], *, durable: bool = True) -> None:
        """Keep all in one commit; PostgreSQL writes what is not `durable` within 0.6 s by itself.

        Source: PostgreSQL, Asynchronous Commit (three times wal_writer_delay).
        """
        seal = self._sealer.group()
        rows = [self._values(record, seal) for record in records]
        with writing(self._engine, durable=durable) as connection:
            if connection.dialect.name == "sqlite":  # others wait for its one writer
                of_sqlite(connection).executemany(_INSERT, rows)
            else:
                connection.execute(insert(score_record), rows)
        if not durable:
            self.flush.written()

    def get(self, id_: str) -> ScoreRecord:
        """One record. Raises: Failure(NOT_FOUND)."""
        with reading(self._engine) as connection:
            row = connection.execute(select(score_record).where(_row.id == id_)).one_or_none()
        if row is None:
            raise Failure(Kind.NOT_FOUND, "there is no such score record", at="id")
        return self._record(row)

    def of_patient(
        self, patient_id: str, *, model: str, since: datetime, tenant: str = DEFAULT_TENANT,
        role: str = CHAMPION, limit: int = 10_000,
    ) -> list[Head]:  # fmt: skip
        """Heads of this person's records by `at`, oldest first; of more than `limit` the newest."""
        columns = [column for column in score_record.columns if column.name != "body"]
        wanted = (
            select(*columns)
            .where(
                _row.patient_key.in_(self._patients.all(tenant, patient_id)),
                _row.model == model,
                _row.at_s >= since.timestamp(),
                _row.role == role,
            )
            .order_by(_row.at_s.desc(), _row.n.desc())
            .limit(limit)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(wanted).all()
        return [self._head(row) for row in reversed(rows)]

    def between(
        self, since: datetime, until: datetime, *, model: str = "", tenant: str = DEFAULT_TENANT,
        role: str = "",
    ) -> Iterator[ScoreRecord]:  # fmt: skip
        """Records made from `since` to before `until` in order, read a page at a time."""
        wanted = select(score_record).where(_row.tenant == tenant, _row.made_s < until.timestamp())
        for column, value in ((_row.model, model), (_row.role, role)):
            if value:
                wanted = wanted.where(column == value)
        after = (since.timestamp(), -1)
        while True:
            made_s, n = after
            page = wanted.where(
                (_row.made_s > made_s) | ((_row.made_s == made_s) & (_row.n > n))
            ).order_by(_row.made_s, _row.n)
            with reading(self._engine) as connection:
                rows = connection.execute(page.limit(_PAGE)).all()
            yield from map(self._record, rows)
            if len(rows) < _PAGE:
                return
            after = (rows[-1].made_s, rows[-1].n)

    def wrote(self, ids: Sequence[str]) -> None:
        """Note that the RiskAssessments made of these records are stored.

        Without the note one more assessment is written than need be, so nobody waits for the disk.
        """
        with writing(self._engine, durable=False) as connection:
            changed = update(score_record).where(_row.id.in_(ids))
            connection.execute(changed.values(written_s=database_now()))

    def standing(
        self, patient_id: str, *, model: str, tenant: str = DEFAULT_TENANT
    ) -> ScoreRecord | None:
        """The record from which this person's newest stored RiskAssessment was made."""
        wanted = (
            select(score_record)
            .where(
                _row.patient_key.in_(self._patients.all(tenant, patient_id)),
                _row.model == model,
                _row.written_s > 0,
            )
            .order_by(_row.at_s.desc(), _row.n.desc())
            .limit(1)
        )
        with reading(self._engine) as connection:
            row = connection.execute(wanted).one_or_none()
        return None if row is None else self._record(row)

    def ping(self) -> None:
        """Return when the table can be read."""
        with reading(self._engine) as connection:
            connection.execute(select(_row.n).limit(1)).first()

    def _values(self, record: ScoreRecord, seal: Seal) -> dict[str, object]:
        head = record.head
        ending = Ending(
            patient=head.patient_id,
            at=head.at,
            status=head.status,
            tier=head.tier,
            score=head.score,
            probability=head.probability,
            refusal=head.refusal,
            beside=head.beside,
        )
        return {
            **_clear(head),
            "patient_key": self._patients.of(head.tenant, head.patient_id),
            "written_s": 0.0,
            "key_id": self._sealer.key_id,
            "head": seal(_ENCODER.encode(ending), identity(head.id, "head")),
            "body": seal(zlib.compress(encoded(record.body), _FASTEST), identity(head.id, "body")),
        }

    def _head(self, row: Row[Any]) -> Head:
        ending = ending_of(self._opened(row, "head"))
        return Head(
            id=row.id,
            tenant=row.tenant,
            role=row.role,
            asked_by=row.asked_by,
            patient_id=ending.patient,
            model=row.model,
            version=row.version,
            manifest_sha256=row.manifest_sha256,
            made_at=datetime.fromtimestamp(row.made_s, UTC),
            at=ending.at,
            status=ending.status,
            tier=ending.tier,
            score=_decimal(ending.score),
            probability=_decimal(ending.probability),
            refusal=ending.refusal,
            beside=ending.beside,
        )

    def _record(self, row: Row[Any]) -> ScoreRecord:
        body = self._opened(row, "body")
        try:
            return ScoreRecord(self._head(row), decoded(zlib.decompress(body)))
        except (zlib.error, msgspec.DecodeError):
            raise Failure(Kind.FAULT, _SHUT[Kind.FAULT], at="record") from None

    def _opened(self, row: Row[Any], part: str) -> bytes:
        return unsealed(self._sealer, row, part)


def unsealed(sealer: Sealer, row: Row[Any], part: str) -> bytes:
    """The head or body of this row. Raises: Failure(UNAVAILABLE, FAULT) at the record."""
    try:
        return sealer.open(row.key_id, getattr(row, part), identity(row.id, part))
    except Failure as failure:
        raise Failure(failure.kind, _SHUT[failure.kind], at="record") from None


def ending_of(head: bytes) -> Ending:
    """What is told by the opened head of a row."""
    return _ENDINGS.decode(head)


_SHUT = {
    Kind.UNAVAILABLE: "the key of this record is not in WHERRY_INBOX_KEY",
    Kind.FAULT: "the stored record was changed or moved; it cannot be read",
}


def identity(record_id: str, part: str) -> str:
    """What a sealed part is bound to: it opens in no other row and in no other column."""
    return f"score_record\x1f{record_id}\x1f{part}"


def _clear(head: Head) -> dict[str, object]:
    names = ("id", "tenant", "role", "asked_by", "model", "version", "manifest_sha256")
    told = {name: getattr(head, name) for name in names}
    return {**told, "made_s": head.made_at.timestamp(), "at_s": head.at.timestamp()}


def _decimal(value: Decimal | int | None) -> Decimal | None:
    return None if value is None else Decimal(value)
