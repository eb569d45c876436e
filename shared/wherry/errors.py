"""One failure type for every service, and the table of what each edge answers."""

from enum import Enum, unique


@unique
class Kind(Enum):
    """Why work failed, and what each edge answers when it did.

    Columns: HTTP status, OperationOutcome issue code (FHIR R4 issue-type), MSA-1 acknowledgment
    code (HL7 table 0008: AE is content; AR is type, version or a reason beside the content), and
    whether the same work may be tried again. HL7 listeners do not answer UNAVAILABLE at all: they
    close the connection, because every engine resends on a lost answer and few do on AE.
    """

    # fmt: off
    #                 HTTP  issue type       MSA-1  again?
    INVALID         = 400, "invalid",        "AE",  False  # malformed
    UNAUTHENTICATED = 401, "login",          "AR",  False
    FORBIDDEN       = 403, "forbidden",      "AR",  False
    NOT_FOUND       = 404, "not-found",      "AE",  False
    UNACCEPTABLE    = 406, "not-supported",  "AR",  False  # no answer in the form that is asked for
    CONFLICT        = 409, "conflict",       "AE",  True   # somebody wrote first: read again
    GONE            = 410, "deleted",        "AE",  False  # was there, was deleted
    STALE           = 412, "conflict",       "AE",  True   # If-Match did not hold: read again
    UNMET           = 412, "processing",     "AE",  False  # needed data neither sent nor reachable
    TOO_LARGE       = 413, "too-long",       "AR",  False
    UNSUPPORTED     = 415, "not-supported",  "AR",  False  # a type or version we do not do
    UNPROCESSABLE   = 422, "processing",     "AE",  False  # well formed, but breaks a rule
    FAULT           = 500, "exception",      "AE",  False  # our bug: a person looks
    UNAVAILABLE     = 503, "transient",      "AR",  True
    UNCERTAIN       = 504, "timeout",        "AE",  True   # may have happened; writes may repeat
    # fmt: on

    def __init__(self, http: int, issue: str, ack: str, again: bool) -> None:
        self.http = http
        self.issue = issue
        self.ack = ack
        self.again = again


ABSENT = frozenset({Kind.NOT_FOUND, Kind.GONE})
"""It cannot be read: it never was there, or not any more."""


class Failure(Exception):
    """Work that could not be done, said in words that are safe to send back: no patient data.

    `after_s` is how many seconds whoever was asked wants to be left alone; 0 when it did not say.
    """

    def __init__(self, kind: Kind, detail: str, *, at: str = "", after_s: float = 0.0) -> None:
        super().__init__(f"{kind.name.lower()} at {at or 'request'}: {detail}")
        self.kind = kind
        self.detail = detail
        self.at = at
        self.after_s = after_s
