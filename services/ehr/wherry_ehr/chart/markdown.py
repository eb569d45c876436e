"""A card's GitHub Flavored Markdown becomes HTML that can only be read."""

from collections.abc import MutableMapping, Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup


def html(text: str) -> Markup:
    """Raw HTML in it is shown as text, images are not loaded, links are http or https only.

    Source: CDS Hooks 2.0, Card Attributes, detail.
    """
    return Markup(_reader().render(text))  # noqa: S704 - the renderer escapes all text


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False})
    reader.enable(["table", "strikethrough"]).disable(["image"])
    reader.validateLink = _is_web  # type: ignore[method-assign]  # how the library is told
    reader.add_render_rule("link_open", _link)
    for rule in ("th_open", "td_open"):
        reader.add_render_rule(rule, _cell)
    for rule in ("heading_open", "heading_close"):
        reader.add_render_rule(rule, _heading)
    return reader


def _is_web(url: str) -> bool:
    return url.lower().startswith(("https://", "http://"))


def _link(
    self: RendererHTML,
    tokens: Sequence[Token],
    idx: int,
    options: Any,
    _env: MutableMapping[str, Any],
) -> str:
    tokens[idx].attrSet("target", "_blank")
    tokens[idx].attrSet("rel", "noopener noreferrer")
    return self.renderToken(tokens, idx, options, _env)


def _cell(
    self: RendererHTML,
    tokens: Sequence[Token],
    idx: int,
    options: Any,
    _env: MutableMapping[str, Any],
) -> str:
    tokens[idx].attrs.pop("style", None)  # column alignment would need inline styles
    if tokens[idx].tag == "th":
        tokens[idx].attrSet("scope", "col")
    return self.renderToken(tokens, idx, options, _env)


def _heading(
    self: RendererHTML,
    tokens: Sequence[Token],
    idx: int,
    options: Any,
    _env: MutableMapping[str, Any],
) -> str:
    tokens[idx].tag = "h4"  # below the card's own heading, whatever it was
    return self.renderToken(tokens, idx, options, _env)
