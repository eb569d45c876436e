"""Foreign texts can say anything and do nothing."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from wherry_cds.rules.wording import age, inline, moment, plain, quantity

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Temperature", "Temperature"),
        ("<img src=x onerror=alert(1)>", "&#60;img src=x onerror=alert(1)&#62;"),
        ("a | b", "a &#124; b"),
        ("`code`", "&#96;code&#96;"),
        ("Q&A", "Q&#38;A"),
        ("&lt;b&gt;", "&#38;lt;b&#38;gt;"),
        ("[x](javascript:alert(1))", "&#91;x&#93;(javascript:alert(1))"),
        ("![x](y)", "!&#91;x&#93;(y)"),
        (
            "**bold** _it_ ~~no~~",
            "&#42;&#42;bold&#42;&#42; &#95;it&#95; &#126;&#126;no&#126;&#126;",
        ),
        ("# head", "&#35; head"),
        ("one\r\n\n| two", "one &#124; two"),
        ("a\u2028b\u202ec\x00d", "a b c d"),
        ("https://evil.org", "https&#58;//evil.org"),
        ("WWW.evil.org", "WWW&#46;evil.org"),
        ("a@b.org", "a&#64;b.org"),
        ("back\\slash", "back&#92;slash"),
    ],
)
def test_a_foreign_text_becomes_one_inert_line(text: str, shown: str) -> None:
    assert inline(text) == shown


def test_the_summary_has_no_markup_and_no_second_line() -> None:
    assert plain("a <b>\n`c`|&\x00d") == "a b c d"


@pytest.mark.parametrize("text", ["x" * 200, "𝄞" * 200, "word " * 50])
def test_the_summary_stays_under_140_characters(text: str) -> None:
    short = plain(text)

    assert len(short) <= 139
    assert short.endswith("…")


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        ("98.60", "/min", "98.60 /min"),
        ("38.60", "Cel", "38.60 °C"),
        ("120", "mm[Hg]", "120 mmHg"),
        ("15", "{score}", "15"),
        ("Alert", "", "Alert"),
        ("5", "<b>", "5 &#60;b&#62;"),
    ],
)
def test_a_quantity_keeps_its_digits_and_names_its_unit(value: str, unit: str, shown: str) -> None:
    assert quantity(value, unit) == shown


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (timedelta(0), "under 1 min ago"),
        (timedelta(seconds=59), "under 1 min ago"),
        (timedelta(minutes=12), "12 min ago"),
        (timedelta(minutes=119), "119 min ago"),
        (timedelta(hours=2), "2 h ago"),
        (timedelta(hours=47), "47 h ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(minutes=-5), "dated 5 min ahead"),
        (timedelta(seconds=-20), "dated under 1 min ahead"),
    ],
)
def test_an_age_is_said_in_one_unit(past: timedelta, said: str) -> None:
    assert age(NOW - past, at=NOW) == said


def test_an_age_is_counted_across_zones() -> None:
    observed = datetime(2026, 3, 1, 12, 48, tzinfo=timezone(timedelta(hours=1)))

    assert (age(observed, at=NOW), moment(observed)) == ("12 min ago", "2026-03-01 12:48 +01:00")


def test_an_age_without_a_time_is_the_one_given_or_unknown() -> None:
    assert (age(None, at=NOW, age_s=7200), age(None, at=NOW)) == ("2 h ago", "age unknown")
