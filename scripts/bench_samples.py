"""Synthetic HL7 v2 messages of the shapes that real feeds have; `n` makes each a different one."""

from bench_messages import LABS

_TIME = "20260105083000+0000"
_LAB = "TESTLAB&2.16.840.1.113883.3.72.5.21&ISO"
_ROLE = "1001^Doctor^Sample^Q^^^Dr^^&2.16.840.1.113883.19.4.6&ISO^L^^^NPI"


def _msh(kind: str, n: int) -> str:
    return (
        f"MSH|^~\\&|BENCHAPP^2.16.840.1.113883.3.72.5.20^ISO|{_LAB.replace('&', '^')}|WHERRY"
        f"|SITE|{_TIME}||{kind}|BENCH{n:06d}|P|2.5.1|||AL|NE|||||LRI_Common_Component^^2.16.1^ISO"
    )


def _pid(n: int) -> str:
    return (
        f"PID|1||PID{n:06d}^^^{_LAB}^MR~SYN{n:07d}^^^&2.16.840.1.113883.4.1&ISO^SS||Synthetic^Bench"
        f"{n}^Q^JR^^^L||19600101|F||2106-3^White^HL70005|{n} Test Street^^Sampletown^TX^75001^USA^H"
        f"||^PRN^PH^^1^512^555{n % 10000:04d}|||M|||||||N^Not Hispanic^HL70189"
    )


def _obx(i: int, n: int) -> str:
    code, name, unit, _ = LABS[i % len(LABS)]
    flag, value = "NHLA"[(i + n) % 4], f"{n % 90 + i}.{i % 10}0"
    return (
        f"OBX|{i + 1}|NM|{code}^{name} in Blood^LN^L{code}^{name}^99LAB^2.40^1.0||{value}"
        f"|{unit}^{unit}^UCUM|{i % 7}.5-{i % 7 + 90}.5|{flag}^{flag}^HL70078|||F|||{_TIME}|||||"
        f"20260105090000+0000||||Synthetic Laboratory^L^^^^{_LAB}^XX^^^TL1|"
        f"1 Test Lab Way^^Sampletown^TX^75001^^B|{_ROLE}"
    )


def _order(n: int, i: int) -> list[str]:
    ids = (
        f"ORD{n:06d}{i}^EHR^2.16.840.1.113883.19.3^ISO|FIL{n:06d}{i}^LAB^2.16.840.1.113883.19.4^ISO"
    )
    obr = f"57021-8^CBC W Auto Differential panel in Blood^LN^4456{i}^CBC^99LAB^2.40^1.0"
    return [
        f"ORC|RE|{ids}|GRP{n}^EHR||||||||{_ROLE}",
        f"OBR|{i + 1}|{ids}|{obr}|||{_TIME}|||||||||{_ROLE}||||||20260105091500+0000||LAB|F",
        "NTE|1|L|Synthetic comment on the order.",
    ]


def _specimen(n: int) -> str:
    return (
        f"SPM|1|S{n:06d}&EHR^S{n:06d}&LAB||119297000^Blood specimen^SCT^BLD^Blood^HL70487"
        f"|||||||||||||{_TIME}^{_TIME}|20260105084500+0000"
    )


def _joined(lines: list[str]) -> bytes:
    return ("\r".join(lines) + "\r").encode()


def blood_count(n: int, results: int = 28) -> bytes:
    """An ORU^R01 shaped as a laboratory's report of a blood count: coded fields, one specimen."""
    head = [_msh("ORU^R01^ORU_R01", n), _pid(n), *_order(n, 0)]
    return _joined([*head, *(_obx(i, n) for i in range(results)), _specimen(n)])


def many_reports(n: int) -> bytes:
    """An ORU^R01 of 149 OBX below eight OBR, with comments between."""
    lines = [
        _msh("ORU^R01^ORU_R01", n),
        _pid(n),
        "PV1|1|I|WARD^1^A^SITE" + "|" * 16 + f"V{n}^^^SITE",
    ]
    sizes = [19] * 7 + [16]
    for i, size in enumerate(sizes):
        lines += _order(n, i)
        for k in range(size):
            lines.append(_obx(k + i, n))
            if k % 6 == 0:
                lines.append("NTE|1|L|Synthetic comment on the result.")
    return _joined(lines)


def admission(n: int) -> bytes:
    """An ADT^A01 with next of kin, allergies, diagnoses, a procedure, insurance and guarantor."""
    return _joined([
        _msh("ADT^A01^ADT_A01", n), f"EVN|A01|{_TIME}||||{_TIME}", _pid(n),
        f"NK1|1|Synthetic^Kin{n}|MTH^Mother^HL70063|2 Test Street^^Sampletown^TX|5550101",
        f"NK1|2|Synthetic^Other{n}|FTH^Father^HL70063|2 Test Street^^Sampletown^TX|5550102",
        f"PV1|1|I|ICU^2^B^SITE|E||ED^1^A^SITE|{_ROLE}|{_ROLE}|{_ROLE}|MED||||7|A0||{_ROLE}|IP"
        f"|V{n:06d}^^^{_LAB}^VN" + "|" * 25 + _TIME, "PV2|||R07.9^Chest pain^I10C",
        f"OBX|1|NM|8867-4^Heart rate^LN||{60 + n % 40}|/min^/min^UCUM|||||F|||{_TIME}",
        "AL1|1|DA^Drug allergy^HL70127|70618^Penicillin^RXNORM|SV^Severe^HL70128|Hives",
        "AL1|2|FA^Food allergy^HL70127|102263004^Egg^SCT|MO^Moderate^HL70128|Rash",
        f"DG1|1||I20.0^Unstable angina^I10C||{_TIME}|A|||||||||1",
        "DG1|2||I10^Hypertension^I10C|||A",
        f"PR1|1||93000^Electrocardiogram^C4||{_TIME}|D", f"GT1|1||Synthetic^Bench{n}||||||||SEL",
        f"IN1|1|PLAN1^Plan^L|INS{n}|Synthetic Insurer||||GRP1|||20260101|20261231|||Synthetic^B{n}"
        "|SEL^Self^HL70063|19600101" + "|" * 18 + f"POL{n:06d}",
    ])  # fmt: skip


def vaccination(n: int) -> bytes:
    """A VXU^V04 of one vaccine given and its eligibility, information sheet and dates."""
    facts = (
        "CE|64994-7^Vaccine funding program eligibility category^LN|1|V02^VFC eligible^HL70064",
        "CE|30956-7^Vaccine type^LN|2|107^DTP^CVX",
        "TS|29768-9^Date vaccine information statement published^LN|2|20250517",
        "TS|29769-7^Date vaccine information statement presented^LN|2|20260105",
    )
    return _joined([
        _msh("VXU^V04^VXU_V04", n), _pid(n), "PD1|||||||||||02^Reminder^HL70215|N|20260105|||A",
        f"NK1|1|Synthetic^Kin{n}|MTH^Mother^HL70063|2 Test Street^^Sampletown^TX|5550101",
        f"ORC|RE|P{n}^EHR|I{n}^IIS|||||||{_ROLE}||{_ROLE}",
        f"RXA|0|1|20260105||20^DTaP^CVX|0.5|mL^mL^UCUM||00^New^NIP001|{_ROLE}|^^^SITE||||LOT{n}"
        "|20271231|MSD^Merck^MVX|||CP|A", "RXR|IM^Intramuscular^HL70162|LA^Left arm^HL70163",
        *(f"OBX|{i}|{fact}||||||F|||20260105" for i, fact in enumerate(facts, 1)),
    ])  # fmt: skip


def appointment(n: int) -> bytes:
    """A SIU^S12 with a service, a practitioner, a room and a device."""
    when = "20260106093000+0000"
    return _joined([
        _msh("SIU^S12^SIU_S12", n),
        f"SCH|A{n}^EHR|F{n}^SCHED|||||ROUTINE^Routine^HL70276|CHECKUP^Check-up^HL70277|30|MIN^Minutes"
        f"^UCUM|^^30^{when}^20260106100000+0000|||||{_ROLE}||||{_ROLE}|||||Booked", _pid(n),
        f"PV1|1|O|CLINIC^1^A^SITE||||{_ROLE}" + "|" * 12 + f"V{n:06d}^^^SITE", "RGS|1|A",
        f"AIS|1|A|99213^Visit^C4|{when}|||30|MIN|||Booked", f"AIP|1|A|{_ROLE}|ATND|||||||||Booked",
        f"AIL|1|A|CLINIC^3^A^SITE|||{when}|||30|MIN||Booked", "AIG|1|A|ECG1^ECG device^L|EQUIP",
        "NTE|1|L|Synthetic note.",
    ])  # fmt: skip


def attachment(megabytes: int) -> bytes:
    """An ORU^R01 with so many MB of Base64 in one OBX-5."""
    document = "QUJD" * (megabytes * 250_000)
    obx = f"OBX|1|ED|60591-5^Report^LN||^application^PDF^Base64^{document}||||||F"
    return _joined([_msh("ORU^R01^ORU_R01", 1), _pid(1), *_order(1, 0), obx])
