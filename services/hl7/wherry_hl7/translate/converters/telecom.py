"""Telephone numbers and mail addresses (XTN) become ContactPoints."""

from typing import Any

from wherry.hl7.segment import Rep
from wherry_hl7.mapping.named import converter
from wherry_hl7.mapping.table import Table
from wherry_hl7.translate.at import At
from wherry_hl7.translate.scope import Scope

_FIRST_OF_MORE = 8
_BY_MAIL = frozenset({"email", "url"})
_EXTENSION = "http://hl7.org/fhir/StructureDefinition/contactpoint-extension"
_COMMENT = "http://hl7.org/fhir/StructureDefinition/contactpoint-comment"


@converter("XTN.ContactPoint")
def contact_points(rep: Rep, at: At, use: str = "") -> list[dict[str, Any]]:
    """One XTN as ContactPoints: its number and its mail address; `use` is the field's meaning.

    The number is XTN-12, else XTN-1 (up to 2.5), else put together from XTN-5 to XTN-8. What is no
    code of tables 0201 and 0202 is a warning, and the field's meaning stays.
    Source: HL7 v2-to-FHIR, XTN[ContactPoint].
    """
    scope = at.scope
    system, use = _system(rep, scope), _use(rep, scope) or use
    number, mail = rep[12] or rep[1] or _assembled(rep), rep[4]
    if number and system in _BY_MAIL:
        number, mail = ("", mail or number)
    more = _more(rep, scope, numbered=bool(number and (rep[12] or rep[1])))
    made = []
    if number:
        made.append({"system": system, "value": number, **more})
    if mail:
        made.append({"system": _mail_system(system, mail), "value": mail, **_shared(more)})
    return [{**point, "use": use} if use else point for point in made]


def _system(rep: Rep, scope: Scope) -> str:
    """What XTN-3 says, else XTN-2 (NET, BPN), else a telephone."""
    said = _looked_up(rep[3], "TelecomSystem", rep, scope)
    return said or _looked_up(rep[2], "TelecomSystemOfUse", rep, scope, quiet=True) or "phone"


def _use(rep: Rep, scope: Scope) -> str:
    """A mobile telephone by XTN-3, else the use by XTN-2."""
    mobile = _looked_up(rep[3], "TelecomUseOfEquipment", rep, scope, quiet=True)
    return mobile or _looked_up(rep[2], "TelecomUse", rep, scope)


def _looked_up(code: str, table: str, rep: Rep, scope: Scope, *, quiet: bool = False) -> str:
    if not code.strip():
        return ""
    known: Table = scope.tables[table]
    row = known.find(code)
    if row is None:
        if not quiet:
            scope.unknown_code(table, rep.at)
        return ""
    return row.to


def _mail_system(system: str, mail: str) -> str:
    """An address of the web stays one; everything else that is no number is mail."""
    web = system == "url" or mail.lower().startswith(("http://", "https://", "www."))
    return "url" if web else "email"


def _more(rep: Rep, scope: Scope, *, numbered: bool) -> dict[str, Any]:
    """Period, rank, comment and extension number of an XTN."""
    out: dict[str, Any] = {}
    if len(rep) < _FIRST_OF_MORE:
        return out
    if (rep[13] or rep[14]) and (period := scope.period(rep[13], rep[14], rep.at)):
        out["period"] = period
    if rep[18].isdecimal() and 0 < int(rep[18][:6]) < 2**31:
        out["rank"] = int(rep[18][:6])
    extensions = []
    if rep[8] and numbered:
        extensions.append({"url": _EXTENSION, "valueString": rep[8]})
    if rep[9]:
        extensions.append({"url": _COMMENT, "valueString": rep[9]})
    if extensions:
        out["extension"] = extensions
    return out


def _shared(more: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in more.items() if name != "extension"}


def _assembled(rep: Rep) -> str:
    if not rep[7]:
        return ""
    country = f"+{rep[5].lstrip('+')}" if rep[5] else ""
    extension = f"ext. {rep[8]}" if rep[8] else ""
    return " ".join(filter(None, (country, rep[6], rep[7], extension)))
