"""Messages of every type whose fields hold what no sender should send. All data are synthetic."""

from hypothesis import strategies as st

# Marks in everything that could be about a person: neither may be in what is said about a message
TOKEN, DIGITS = "Zzyzx", "7319573195"

# Every type that is to be translated, and others
KINDS = (
    *(f"ADT^A{n:02}" for n in (*range(1, 19), *range(21, 24), *range(25, 30), 31, 34, 36, 37, 38)),
    *(f"ADT^A{n}" for n in (40, 41, 42, 43, 44, 45, 47, 49, 54, 55, 60)),
    *("ORU^R01", "ORU^R30", "ORU^R40", "OUL^R22", "OUL^R23", "OUL^R24", "ORM^O01", "OML^O21"),
    *("OMG^O19", "OMP^O09", "ORL^O22", "ORR^O02", "RDE^O11", "RDE^O25", "RDS^O13", "RAS^O17"),
    *(f"SIU^S{n}" for n in range(12, 27)),
    *("VXU^V04", *(f"MDM^T{n:02}" for n in range(1, 12)), "DFT^P03", "DFT^P11"),
    *("BAR^P01", "BAR^P02", "BAR^P05", "BAR^P12", "PPR^PC1", "PPR^PC2", "PPR^PC3", "REF^I12"),
    *("ACK", "QRY^A19", "oru^r01", "ORU", "ORU^R01^ADT_A01", "ADT^A08^ORU_R01"),
)

# What a message of the first part of its type usually holds, in order
ORDER = ("ORC", "OBR", "NTE", "TQ1", "OBX", "NTE", "OBX", "SPM", "OBX", "PRT")
USUAL = {
    "ADT": ("EVN", "PID", "PD1", "NK1", "MRG", "PV1", "PV2", "DB1", "OBX", "AL1", "DG1", "PR1",
            "GT1", "IN1", "IN2", "ACC", "PID", "PV1", "IAM"),
    "ORU": ("PID", "PD1", "NTE", "NK1", "PV1", "PV2", *ORDER, *ORDER),
    "SIU": ("SCH", "TQ1", "NTE", "PID", "PV1", "DG1", "RGS", "AIS", "AIG", "AIL", "AIP", "NTE"),
    "VXU": ("PID", "PD1", "NK1", "PV1", "GT1", "IN1", "ORC", "RXA", "RXR", "OBX", "OBX", "NTE"),
    "MDM": ("EVN", "PID", "PV1", "ORC", "OBR", "TXA", "CON", "OBX", "OBX", "NTE"),
    "DFT": ("EVN", "PID", "PV1", "FT1", "PR1", "DG1", "GT1", "IN1", "ACC"),
    "RDE": ("PID", "AL1", "ORC", "RXE", "RXO", "TQ1", "RXR", "RXC", "RXD", "RXA", "OBX", "NTE"),
    "PPR": ("PID", "PV1", "GOL", "PRB", "NTE", "VAR", "ROL", "OBX", "ORC", "OBR"),
    "REF": ("RF1", "AUT", "PRD", "CTD", "PID", "NK1", "GT1", "IN1", "DG1", "PR1", "OBR", "OBX"),
}  # fmt: skip
_LIKE = {"OUL": "ORU", "ORM": "ORU", "OML": "ORU", "OMG": "ORU", "BAR": "DFT", "OMP": "RDE",
         "RDS": "RDE", "RAS": "RDE"}  # fmt: skip
_STRAY = ("ZPI", "ZZZ", "zal", "UAC", "SFT", "ARV", "BLG", "DSC", "XX1", "pid", "MSA", "ERR")

# What makes a segment one that is translated; each may be replaced
_USUAL_FIELDS = {
    "PID": {3: f"{TOKEN}1^^^NORTH^MR", 5: f"{TOKEN}^{TOKEN}", 7: "19610402", 8: "F"},
    "PV1": {2: "I", 3: "W^1", 19: f"{TOKEN}2^^^NORTH", 44: "20260105113000+0000"},
    "MRG": {1: f"{TOKEN}9^^^NORTH^MR"},
    "ORC": {1: "RE", 2: "P1^LAB", 3: "F1^LAB"},
    "OBR": {2: "P1^LAB", 3: "F1^LAB", 4: "24323-8^Panel^LN", 7: "20260105110000+0000", 25: "F"},
    "OBX": {2: "NM", 3: "718-7^Hb^LN", 5: "14.10", 6: "g/dL", 11: "F"},
    "NTE": {3: f"{TOKEN} said"},
    "RXA": {3: "20260105", 5: "08^HepB^CVX", 6: "1", 9: "00", 20: "CP"},
    "RXE": {2: "313782^Drug^RXNORM", 3: "1", 5: "TAB"},
    "SCH": {1: "S1^APP", 11: "^^30^20260105113000+0000^20260105120000+0000", 25: "Booked"},
    "TXA": {2: "DS", 12: "D1^APP", 17: "AU"},
    "AL1": {2: "DA", 3: f"{TOKEN}^Penicillin^L", 4: "SV"},
    "DG1": {3: "R07.9^Pain^I10C", 6: "A"},
    "IN1": {2: "PLAN", 3: "INS1", 4: TOKEN, 36: f"{TOKEN}3"},
    "NK1": {2: f"{TOKEN}^{TOKEN}", 3: "MTH"},
    "FT1": {4: "20260105", 6: "CG", 7: "99213^Visit^C4"},
    "SPM": {2: "S1&LAB", 4: "BLD"},
}

# fmt: off
_LEAVES = st.sampled_from([
    TOKEN, f" {TOKEN} ", f"\\T\\{TOKEN}\\S\\", f"{TOKEN}\\", f"\\X41\\{TOKEN}\\X0\\",
    f"\\.br\\{TOKEN}", f"{TOKEN}\\Zab\\\\H\\", f"{TOKEN}\u00e9\u4e16\U0001f600",
    f"{TOKEN}\x07\x1b\x7f", f"\ufeff{TOKEN}\u200b", f"<b>{TOKEN}</b>", f'{{"{TOKEN}": null}}',
    f"https://{TOKEN}.example/a b", f"urn:oid:{TOKEN}", TOKEN * 300,
    DIGITS, f"-{DIGITS}", f"{DIGITS}.{DIGITS}e{DIGITS}",
    "0", "-0.0", "1e999999", "NaN", "007", "1,5", ">", "<", "<>", "1:2", ">=5", "10^",
    "20260105", "20260230", "00000000", "202601052460", "20260105113000.12345+9999",
    "19000101000000-0000", "2026010511", "20261301", "2026-01-05T11:30:00Z",
    "99991231235959.9999+1400", "0000", "2400", "20260105+01",
    '""', '"', '""""', "", " ", "\t", "\u00a0", "^", "&", "~", "^^^", "&&", "~~",
    "F", "Y", "N", "U", "A", "D", "X", "C", "CA", "NW", "H", "M", "L", "MR", "SS", "VN", "NH",
    "NM", "SN", "CE", "CWE", "ST", "TX", "FT", "ED", "RP", "DT", "TM", "DTM", "TS", "NR", "NA",
    "MA", "DR", "VR", "IS", "ISO", "UUID", "DNS", "URI", "LN", "SCT", "I10", "UCUM", "mg/dL",
    "Base64", "Hex", "application", "PDF", "AAAA", "====", "1.2.3", "01.2",
    "2.16.840.1.113883", "PRN", "PH", "Internet",
])
# fmt: on
_COMPONENTS = st.lists(_LEAVES, min_size=1, max_size=7).map("^".join)
_SUBS = st.lists(_LEAVES, min_size=1, max_size=3).map("&".join)
_FIELDS = st.one_of(
    _LEAVES,
    _COMPONENTS,
    st.lists(_SUBS, min_size=1, max_size=4).map("^".join),
    st.lists(_COMPONENTS, min_size=1, max_size=3).map("~".join),
)
# Which segment, which of its fields, and what is in it
_ODD = st.lists(
    st.tuples(st.integers(0, 29), st.one_of(st.integers(1, 12), st.integers(1, 55)), _FIELDS),
    min_size=8,
    max_size=80,
)
_KINDS = st.one_of(st.sampled_from(KINDS), st.sampled_from(("ADT^A01", "ADT^A08", "ORU^R01")))
_HEADS = st.sampled_from(["|^~\\&", "|^~\\&", "|^~\\&#", "|^~\\", "|^~", "#^~\\&", "|$%~&"])
_ENDS = st.sampled_from(["\r", "\r", "\n", "\r\n", "\r\r"])
_TIMES = st.sampled_from(["20260105120000+0000", "20260105120000", "2026", "", "99", '""'])
_CHARSETS = st.sampled_from(["", "", "UNICODE UTF-8", "8859/1", "ASCII", "nonsense"])


def _line(name: str, odd: dict[int, str]) -> str:
    fields = _USUAL_FIELDS.get(name.upper(), {}) | odd
    return "|".join([name, *(fields.get(n, "") for n in range(1, max(fields, default=0) + 1))])


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """A message: some of the segments of its type, others between them, all with odd fields."""
    kind, head = draw(_KINDS), draw(_HEADS)
    family = kind[:3].upper()
    usual = USUAL.get(_LIKE.get(family, family), USUAL["ORU"])
    left_out = draw(st.sets(st.integers(0, len(usual) - 1), max_size=6))
    names = [name for n, name in enumerate(usual) if n not in left_out]
    for name in draw(st.lists(st.sampled_from([*_STRAY, *usual]), max_size=3)):
        names.insert(draw(st.integers(0, len(names))), name)
    fields = [f"LABSYS|{TOKEN}LAB|W|N", draw(_TIMES), "", kind, "C-1", "P", "2.5.1", "", "", "", ""]
    msh = f"|{'|'.join(fields)}||{draw(_CHARSETS)}"
    odd: dict[int, dict[int, str]] = {}
    for n, number, text in draw(_ODD):
        odd.setdefault(n % max(1, len(names)), {})[number] = text
    lines = [msh, *(_line(name, odd.get(n, {})) for n, name in enumerate(names))]
    # a head of fewer marks says that the message has no others: those of the texts are left out
    table = str.maketrans(dict(zip("|^~\\&", [*head, "", "", ""], strict=False)))
    whole = f"MSH{head}" + draw(_ENDS).join(line.translate(table) for line in lines)
    return whole.encode(draw(st.sampled_from(["utf-8", "latin-1"])), "replace")
