"""MSH-15, MSH-16 and a verdict become the acknowledgments that are sent, at which level."""

from dataclasses import dataclass

from wherry.hl7.head import Head

# Source: HL7 table 0155, accept/application acknowledgment conditions: on success, on failure.
_WANTED = {
    "AL": (True, True),
    "NE": (False, False),
    "ER": (False, True),
    "SU": (True, False),
    "": (False, False),
}
_ALWAYS = _WANTED["AL"]  # a value that the table does not have asks for something

_ACCEPT = {"AA": "CA", "AE": "CE", "AR": "CR"}


@dataclass(frozen=True, slots=True)
class Levels:
    """The codes of both levels; an empty one is not sent.

    `accept` is due when the message is safe, `application` when it has been worked on as far as its
    sender wants to wait for.
    """

    accept: str
    application: str


def levels(head: Head, code: str) -> Levels:
    """Where to say the verdict AA, AE or AR; an empty code is never said.

    Without MSH-15 and MSH-16 it is the original mode. What is refused for its type, version or
    processing id is refused at the accept level, content at the application level; each at the
    other level where only that one is listened to, and never at both.
    Source: HL7 v2.5.1 §2.9.2, §2.9.3, §2.15.9.15.
    """
    asked = head.component(15).upper(), head.component(16).upper()
    if not code or asked == ("", ""):
        return Levels("", code)
    (accepted, unaccepted), (applied, failed) = (_WANTED.get(one, _ALWAYS) for one in asked)
    if code == "AA":
        return Levels("CA" if accepted else "", "AA" if applied else "")
    if unaccepted and (code == "AR" or not failed):
        return Levels(_ACCEPT[code], "")
    if not failed:
        return Levels("", "")
    return Levels("CA" if accepted and code == "AE" else "", code)
