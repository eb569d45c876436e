"""What a score record is, and the ports that keep and find records.

The shape, for whoever reads records (monitoring, comparing, reports):

- `ScoreRecord` is one verdict of one model version on one person at one moment. `head` is small:
  whose, by which model, version and manifest, in which role, when, and what came out. `body` is
  everything that it rests on: `Body` of `wherry_risk.model.recording`.
- `head.made_at` is when it was made and what `between` and the purge go by. `head.at` is the moment
  as of which it was judged and what `of_patient` goes by; they differ when somebody asked about the
  past.
- `head.status` is "scored" or "refused". A refusal has `refusal` (a code) and no tier, score,
  probability. A published score has no probability and no `body.graph`.
- `body.graph` has what the graph was given and gave as little-endian float32 in hex: `row`, in the
  order of the manifest's features, NaN for what was not known; `margin`, `probability` and
  `contributions`. `floats(text)` reads them. `head.probability` is rounded to what is shown.
- `body.used[input]` has value, unit, time and Observation reference; `body.missing` the reason.

The table is `score_record` (tables.py). Who it is about, what came out and the body are sealed with
the suite's key when one is set; `patient_key` is a keyed hash, so look up by `of_patient`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

from wherry_risk.model.recording import Body

DEFAULT_TENANT = "default"
CHAMPION = "champion"

AskedBy = Literal["request", "worker"]
Status = Literal["scored", "refused"]


@dataclass(frozen=True, slots=True)
class Head:
    """Whose score by which model, when and how it ended; enough for a trend or a count.

    `role` is what the model version was for this tenant when it was asked: champion, challenger or
    shadow. `beside` is the id of the record of the model that was asked, when this one only stood
    beside it or in its place.
    """

    id: str
    tenant: str
    role: str
    asked_by: AskedBy
    patient_id: str = field(repr=False)
    model: str
    version: str
    manifest_sha256: str
    made_at: datetime
    at: datetime
    status: Status
    tier: str = ""
    score: Decimal | None = None
    probability: Decimal | None = None
    refusal: str = ""
    beside: str = ""


@dataclass(frozen=True, slots=True)
class ScoreRecord:
    """One verdict and everything that it rests on, so that it can be computed again."""

    head: Head
    body: Body = field(repr=False)


class Records(Protocol):
    """Score records of all tenants; what they say never changes."""

    def add(self, records: Sequence[ScoreRecord], *, durable: bool = True) -> None:
        """Keep all in one commit; on return they survive a power cut.

        With `durable=False` they survive the end of the process, however it comes, and within a
        moment a power cut too. Raises: Failure(UNAVAILABLE) when none was kept.
        """
        ...

    def get(self, id_: str) -> ScoreRecord:
        """One record. Raises: Failure: NOT_FOUND; UNAVAILABLE, also when its key is not ours."""
        ...

    def of_patient(
        self, patient_id: str, *, model: str, since: datetime, tenant: str = DEFAULT_TENANT,
        role: str = CHAMPION, limit: int = 10_000,
    ) -> list[Head]:  # fmt: skip
        """Heads of this person's records by `at`, oldest first; of more than `limit` the newest."""
        ...

    def between(
        self, since: datetime, until: datetime, *, model: str = "", tenant: str = DEFAULT_TENANT,
        role: str = "",
    ) -> Iterator[ScoreRecord]:  # fmt: skip
        """Records made from `since` to before `until` in order, read a page at a time.

        Without `model` of all models, without `role` of all roles.
        """
        ...

    def wrote(self, ids: Sequence[str]) -> None:
        """Note that the RiskAssessments made of these records are stored."""
        ...

    def standing(self, patient_id: str, *, model: str, tenant: str = DEFAULT_TENANT) -> (
        ScoreRecord | None
    ):  # fmt: skip
        """The record from which this person's newest stored RiskAssessment was made."""
        ...

    def ping(self) -> None:
        """Return when the table can be read. Raises: Failure(UNAVAILABLE)."""
        ...


What = Literal["read", "trend", "replay", "purge", "rekey"]


@dataclass(frozen=True, slots=True)
class ScoreDeed:
    """One audit row: who looked at or removed what. `patient_key` is a keyed hash, never an id."""

    id: int
    at: datetime
    who: str
    what: str
    record_id: str
    patient_key: str
    note: str


class ScoreAudit(Protocol):
    """Who read patients' records."""

    def note(
        self, who: str, what: What, *, record_id: str = "", patient_id: str = "", note: str = ""
    ) -> None:
        """Write the row; on return it survives. Raises: Failure(UNAVAILABLE)."""
        ...

    def deeds(self, *, after: int = 0, limit: int = 100) -> list[ScoreDeed]:
        """Rows above `after`, oldest first."""
        ...
