"""Message types we translate, and the segments each cannot do without."""

from collections.abc import Mapping

# Source: HL7 v2.5.1 §3.3 (ADT) and §7.3 (ORU); PID is optional in ORU^R01, but a result that is
# about nobody cannot be filed.
SUPPORTED: Mapping[str, tuple[str, ...]] = {
    "ADT^A01": ("PID",),
    "ADT^A02": ("PID",),
    "ADT^A03": ("PID",),
    "ADT^A04": ("PID",),
    "ADT^A08": ("PID",),
    "ORU^R01": ("PID",),
}
