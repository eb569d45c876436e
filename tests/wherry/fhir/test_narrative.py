"""A narrative is one well-formed XHTML div without anything that runs or loads."""

import pytest

from wherry.fhir.r4.narrative import is_safe
from wherry.testing.r4_resources import DIV

SAFE = [
    "text",
    "<p>a<br/>b</p>",
    "<p>a &lt; b &#160; &nbsp;</p>",
    '<table border="0"><tr><td style="color: red">1</td></tr></table>',
    "<a href='http://example.org/#x'>link</a>",
    '<img src="#image"/>',
    '<img src="data:image/png;base64,AAAA" alt="x"/>',
    "a<!-- <script> is only a comment -->",
]
UNSAFE = [
    "",
    " <p> </p>",
    "<p>a",
    "a</p>",
    "<p>a</div><div>b</p>",
    "<br>",
    "a & b",
    "1 < 2",
    "<script>x</script>",
    "<SCRIPT>x</SCRIPT>",
    "<iframe src='http://example.org'>x</iframe>",
    "<object>x</object>",
    "<form>x</form>",
    "<style>x</style>",
    "<svg>x</svg>",
    '<p onclick="x()">a</p>',
    '<p ONCLICK="x()">a</p>',
    "<p onclick=x()>a</p>",
    '<a href="javascript:x()">a</a>',
    '<a href=" JavaScript:x()">a</a>',
    '<a href="java&#115;cript:x()">a</a>',
    '<a href="java&#10;script:x()">a</a>',
    '<a href="data:text/html,x">a</a>',
    '<p style="background: url(http://example.org)">a</p>',
    "<!-- a",
    "<?xml version='1.0'?>",
    "<![CDATA[<script>x</script>]]>",
]
BROKEN = [
    "text",
    "<p>text</p>",
    "<div>text</div>",
    DIV.format("a") + DIV.format("b"),
    DIV.format("a") + "b",
    "<!DOCTYPE html>" + DIV.format("a"),
    '<div xmlns="http://www.w3.org/1999/xhtml"/>',
]


@pytest.mark.parametrize("inside", SAFE)
def test_formatting_is_safe(inside: str) -> None:
    assert is_safe(DIV.format(inside))


@pytest.mark.parametrize("inside", UNSAFE)
def test_what_runs_loads_or_is_not_well_formed_is_refused(inside: str) -> None:
    assert not is_safe(DIV.format(inside))


@pytest.mark.parametrize("text", BROKEN)
def test_only_one_div_in_the_xhtml_namespace_is_a_narrative(text: str) -> None:
    assert not is_safe(text)


@pytest.mark.parametrize(
    "piece", ["<!--", "<div ", "<p a='", "<p", "&", "<p>", " a='1'", "<p a =  "]
)
def test_a_hostile_narrative_is_refused_in_linear_time(piece: str) -> None:
    assert not is_safe('<div xmlns="http://www.w3.org/1999/xhtml"' + piece * 200_000)
