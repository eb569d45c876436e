"""HL7 times become FHIR times with an offset that somebody stated."""

from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from wherry_hl7.translate.times import INVALID, NO_ZONE, SHIFTED, Moment, read, time_of_day

CHICAGO = ZoneInfo("America/Chicago")


# Source: HL7 v2.5.1 §2.A.22 and the cases of public converters' date tests
@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("1970", Moment("1970")),
        ("197010", Moment("1970-10")),
        ("19701031", Moment("1970-10-31")),
        ("19701031-0400", Moment("1970-10-31")),
        ("2023110211-0500", Moment("2023-11-02", "2023-11-02T11:00:00-05:00")),
        ("202311021104-0500", Moment("2023-11-02", "2023-11-02T11:04:00-05:00")),
        ("20231102110405-0500", Moment("2023-11-02", "2023-11-02T11:04:05-05:00")),
        ("20231102110405.6-0500", Moment("2023-11-02", "2023-11-02T11:04:05.6-05:00")),
        ("20231102110405.6789-0500", Moment("2023-11-02", "2023-11-02T11:04:05.6789-05:00")),
        ("20231102110405Z", Moment("2023-11-02", "2023-11-02T11:04:05+00:00")),
        ("20231102110405+01", Moment("2023-11-02", "2023-11-02T11:04:05+01:00")),
        ("20231102110405+01:30", Moment("2023-11-02", "2023-11-02T11:04:05+01:30")),
        ("2023-11-02T11:04:05-05:00", Moment("2023-11-02", "2023-11-02T11:04:05-05:00")),
        ("202311022400-0500", Moment("2023-11-03", "2023-11-03T00:00:00-05:00")),
        ("202311021104", Moment("2023-11-02", remark=NO_ZONE)),
        ("202311021104+1500", Moment("2023-11-02", remark=NO_ZONE)),
        ("0000", Moment(remark=INVALID)),
        ("00000000", Moment(remark=INVALID)),
        ("20230229", Moment(remark=INVALID)),
        ("20231301", Moment(remark=INVALID)),
        ("20231102116105-0500", Moment(remark=INVALID)),
        ("yesterday", Moment(remark=INVALID)),
        ("２０２３", Moment(remark=INVALID)),
    ],
)
def test_a_time_keeps_its_precision_and_its_offset(raw: str, moment: Moment) -> None:
    assert read(raw, None) == moment


def test_a_time_without_offset_takes_the_zone_it_is_given() -> None:
    given = timezone(timedelta(hours=2))

    assert read("202311021104", given).full == "2023-11-02T11:04:00+02:00"
    assert read("202311021104-0500", given).full == "2023-11-02T11:04:00-05:00"


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("202601051104", Moment("2026-01-05", "2026-01-05T11:04:00-06:00")),
        ("202607051104", Moment("2026-07-05", "2026-07-05T11:04:00-05:00")),
        ("202603080230", Moment("2026-03-08", "2026-03-08T02:30:00-06:00", SHIFTED)),
        ("202611010130", Moment("2026-11-01", "2026-11-01T01:30:00-05:00", SHIFTED)),
        ("188001011104", Moment("1880-01-01", remark=NO_ZONE)),
    ],
)
def test_a_zone_with_summer_time_flags_the_hours_it_shifts(raw: str, moment: Moment) -> None:
    assert read(raw, CHICAGO) == moment


@pytest.mark.parametrize(
    ("raw", "text"), [("22", "22:00:00"), ("2231", "22:31:00"), ("24", ""), ("9am", "")]
)
def test_a_time_of_day_is_filled_up_to_seconds(raw: str, text: str) -> None:
    assert time_of_day(raw) == text
