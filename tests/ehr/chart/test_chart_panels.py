"""A panel of members, such as the summary of a glucose sensor, on the chart."""

from datetime import UTC, datetime

from wherry_ehr.chart.measurements import latest

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_a_panel_without_a_value_of_its_own_is_shown_by_its_members() -> None:
    panel = {"status": "final", "code": {"text": "Summary"}, "hasMember": [{"display": "GMI"}]}
    member = {"status": "final", "code": {"text": "GMI"}, "valueQuantity": {"value": 7}}

    assert [row.label for row in latest([panel, member], now=NOW)] == ["GMI"]
