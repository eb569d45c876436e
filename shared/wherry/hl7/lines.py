"""The text of one message becomes its segments; a line that starts none continues the last one."""

import re

from wherry.hl7.segment import Context, Segment

# Source: segment names of HL7 v2.1 to v2.8.2
_NAMES = """
    ABS ACC ADD ADJ AFF AIG AIL AIP AIS AL1 APR ARQ ARV AUT BHS BLC BLG BPO BPX BTS BTX BUI CDM
    CDO CER CM0 CM1 CM2 CNS CON CSP CSR CSS CTD CTI CTR DB1 DEV DG1 DMI DON DPS DRG DSC DSP ECD ECR
    EDU EQL EQP EQU ERQ ERR EVN FAC FHS FT1 FTS GOL GP1 GP2 GT1 IAM IAR IIM ILT IN1 IN2 IN3 INV IPC
    IPR ISD ITM IVC IVT LAN LCC LCH LDP LOC LRL MCP MFA MFE MFI MRG MSA MSH NCK NDS NK1 NPU NSC NST
    NTE OBR OBX ODS ODT OH1 OH2 OH3 OH4 OM1 OM2 OM3 OM4 OM5 OM6 OM7 OMC ORC ORG ORO OVR PAC PCE PCR
    PD1 PDA PDC PEO PES PID PKG PM1 PMT PR1 PRA PRB PRC PRD PRT PSG PSH PSL PSS PTH PV1 PV2 PYE QAK
    QID QPD QRD QRF QRI RCP RDF RDT REL RF1 RFI RGS RMI ROL RQ1 RQD RX1 RXA RXC RXD RXE RXG RXO RXR
    RXV SAC SCD SCH SCP SDD SFT SGH SGT SHP SID SLT SPM SPR STF STZ TCC TCD TQ1 TQ2 TXA UAC UB1 UB2
    URD URS VAR VND VTQ
"""
KNOWN = frozenset(_NAMES.split())

_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
_BLANK = " \t\x00\x0b\x0c\x1c\ufeff"


def segments(text: str, context: Context) -> list[Segment]:
    """Segments in order; the first is MSH. CR, LF, CRLF and mixtures end a line.

    Line ends inside a field (a line without name and separator) come back as \\.br\\.
    Source: HL7 v2.5.1 §2.5.1 (CR only; the rest is what senders do).
    """
    separator = context.delimiters.field
    if "\n" in text:
        text = text.replace("\r\n", "\r").replace("\n", "\r")
    found: list[Segment] = []
    held: list[str] = []  # the last segment and its continuation lines, joined once: stays linear
    for sent in text.split("\r"):
        line = sent
        if line[3:4] == separator and line[:3] in KNOWN:
            name = line[:3]
        elif not (line := sent.strip(_BLANK)):
            continue
        elif not (name := _name(line, separator)) and found:
            held.append(sent.rstrip("\x00\x1c"))
            continue
        if len(held) > 1:
            _continue(found[-1], held, context)
        held = [line]
        found.append(Segment(name, line, context))
    if len(held) > 1:
        _continue(found[-1], held, context)
    if "\rMSH" in text:
        context.remark("MSH", "more than one message in this payload; it was read as one")
    return found


def _name(line: str, separator: str) -> str:
    """The segment name that this line starts with; lower case only when it is a known one."""
    start = line[:3]
    name = start.upper()
    if line[3:4] == separator and _NAME.fullmatch(name):
        return name if start == name or name in KNOWN or name[0] == "Z" else ""
    return name if line in KNOWN else ""


def _continue(segment: Segment, lines: list[str], context: Context) -> None:
    mark = context.delimiters.escape
    joint = f"{mark}.br{mark}" if mark else "\n"
    segment.raw = joint.join(lines)
    context.remark(segment.name, "a line end inside the segment was read as a line break")
