"""Synthetic HL7 v2 messages for measurements: an ADT^A08 and an ORU^R01 with twenty OBX."""

LABS = (
    ("2951-2", "Sodium", "mmol/L", "139"),
    ("2823-3", "Potassium", "mmol/L", "4.10"),
    ("2075-0", "Chloride", "mmol/L", "103"),
    ("1963-8", "Bicarbonate", "mmol/L", "24.0"),
    ("3094-0", "Urea nitrogen", "mg/dL", "14"),
    ("2160-0", "Creatinine", "mg/dL", "0.90"),
    ("2345-7", "Glucose", "mg/dL", "98"),
    ("17861-6", "Calcium", "mg/dL", "9.40"),
    ("2885-2", "Protein", "g/dL", "7.10"),
    ("1751-7", "Albumin", "g/dL", "4.20"),
    ("1975-2", "Bilirubin", "mg/dL", "0.60"),
    ("6768-6", "Alkaline phosphatase", "U/L", "71"),
    ("1742-6", "ALT", "U/L", "22"),
    ("1920-8", "AST", "U/L", "25"),
    ("6690-2", "Leukocytes", "10*3/uL", "7.20"),
    ("789-8", "Erythrocytes", "10*6/uL", "4.70"),
    ("718-7", "Hemoglobin", "g/dL", "14.1"),
    ("4544-3", "Hematocrit", "%", "42.0"),
    ("777-3", "Platelets", "10*3/uL", "251"),
    ("2524-7", "Lactate", "mmol/L", "1.10"),
)


def _head(kind: str, n: int, patient: int, time: str) -> list[str]:
    event, trigger = kind.split("^")
    structure = {"ADT^A08": "ADT_A01", "ORU^R01": "ORU_R01"}[kind]
    return [
        f"MSH|^~\\&|BENCH|WHERRYBENCH|WHERRY|SITE|{time}||{event}^{trigger}^{structure}"
        f"|B{n:08d}|P|2.5.1",
        f"PID|1||B{patient:06d}^^^WHERRYBENCH^MR||Synthetic^Bench{patient}^Q||19600101|F|||"
        f"{patient} Test Street^^Sampletown^TX^75001^USA||555-0100",
    ]


def adt(n: int, patient: int, time: str) -> bytes:
    """An ADT^A08 of one synthetic patient; `n` makes the control id."""
    head = _head("ADT^A08", n, patient, time)
    lines = [
        head[0],
        f"EVN|A08|{time}",
        head[1],
        f"PV1|1|I|WARD^{patient % 30 + 1}^A^WHERRYBENCH||||1001^Doctor^Sample^^^^^^WHERRYBENCH"
        f"|||MED||||||||IP|V{patient:06d}^^^WHERRYBENCH^VN" + "|" * 25 + time,
    ]
    return ("\r".join(lines) + "\r").encode()


def oru(n: int, patient: int, time: str) -> bytes:
    """An ORU^R01 with one OBR and twenty numeric OBX; `n` makes the control id and the order."""
    head = _head("ORU^R01", n, patient, time)
    lines = [
        *head,
        "PV1|1|I|WARD^1^A^WHERRYBENCH" + "|" * 16 + f"V{patient:06d}^^^WHERRYBENCH^VN",
        f"ORC|RE|P{n}^BENCH|F{n}^BENCH",
        f"OBR|1|P{n}^BENCH|F{n}^BENCH|24323-8^Comprehensive metabolic panel^LN|||{time}"
        + "|" * 15
        + f"{time}||LAB|F",
    ]
    lines += [
        f"OBX|{i}|NM|{code}^{name}^LN||{value}|{unit}^{unit}^UCUM|1-100|N|||F|||{time}"
        for i, (code, name, unit, value) in enumerate(LABS, 1)
    ]
    return ("\r".join(lines) + "\r").encode()
