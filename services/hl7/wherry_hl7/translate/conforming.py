"""Deviations from HL7 that a sender's profile cares for become warnings or refuse the message."""

from wherry.errors import Failure, Kind
from wherry_hl7.grammar.check import check
from wherry_hl7.translate.scope import Scope


def conform(scope: Scope) -> None:
    """Judge the message by the rules of its sender's profile; without any, nothing is checked.

    Raises: Failure(UNPROCESSABLE) at the first deviation that the profile calls an error.
    """
    levels = scope.sender.conformance
    if not levels:
        return
    for found in check(scope.message, scope.structure, version=scope.message.version):
        level = levels.get(found.rule, "off")
        if level == "error":
            raise Failure(Kind.UNPROCESSABLE, f"against HL7: {found.text}", at=found.at)
        if level == "warn":
            scope.warn(found.at, f"against HL7: {found.text}")
