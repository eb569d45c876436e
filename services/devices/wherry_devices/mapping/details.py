"""Parts of a template for what is said besides numbers: how it went, what goes with it, waves."""

import msgspec


class Bit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a device says of how it measured: Y or N by what stands at `at`, else nothing."""

    at: str
    names: dict[str, str]


class Amount(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A number that belongs to the context of a reading, in a fixed UCUM unit."""

    at: str
    unit: str


class Waves(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What belongs to an electrocardiogram whose samples are the `number` of kind ecg.

    Samples are lists of counts by lead, `nanovolts` how much one count is, `lasts_ms` how long it
    is. `determination` is what an algorithm made of it, `absent` those of its words that say that
    it could not, with FHIR's reason for each.
    """

    frequency: str
    nanovolts: str
    lasts_ms: str = ""
    determination: str = ""
    absent: dict[str, str] = {}
