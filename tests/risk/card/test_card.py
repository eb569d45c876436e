"""A model's card as JSON and as a page: use on top, figures with counts, nothing from elsewhere."""

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest
from pydantic import SecretStr

from wherry.codec import decode
from wherry_risk.card.content import card_of
from wherry_risk.card.words import count, number, share, span
from wherry_risk.onnx.load import PACKAGES
from wherry_risk.onnx.trained import Trained

ICU = "icu-mortality-24h"
TRAINED = sorted(path.name for path in PACKAGES.iterdir() if path.is_dir())
SCORES = ("news2", "qsofa", "lace", "hospital")


class Read(HTMLParser):
    """Elements in their order, text without markup, and what each start tag had."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def get(world: Any, model: str = ICU, query: str = "", **headers: str) -> Any:
    return world.client.get(f"/v1/models/{model}/card{query}", headers=headers)


def page(world: Any, model: str = ICU) -> str:
    answer = get(world, model, "?format=html")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    return str(answer.data.decode())


@pytest.mark.parametrize("model", TRAINED)
def test_a_trained_models_card_has_every_figure_with_its_counts(model: str, world: Any) -> None:
    card = decode(get(world, model).data)

    test = card["figures"][0]
    assert test["n"] >= test["events"] > 0
    auroc = next(one for one in test["figures"] if one["name"] == "auroc")
    low, high = auroc["interval"]
    assert low <= auroc["value"] <= high
    assert [one["number"] for one in card["source_attributes"]] == list(range(1, 32))
    assert all(one["text"] for one in card["source_attributes"])
    assert card["out_of_scope"]
    assert card["limits"]
    assert "BasicInfo" in card["applied_model_card"]


@pytest.mark.parametrize("model", SCORES)
def test_a_published_scores_card_claims_no_figures_and_has_its_13_attributes(
    model: str, world: Any
) -> None:
    card = decode(get(world, model).data)

    assert (card["kind"], card["figures"], card["groups"]) == ("rule", [], [])
    assert len(card["source_attributes"]) == 13
    assert "A published score" in page(world, model)


@pytest.mark.parametrize("model", [*TRAINED, *SCORES])
def test_the_page_begins_with_the_intended_use(model: str, world: Any, models: Any) -> None:
    read = Read(page(world, model))
    spec = models[model].spec

    text = " ".join(read.text.split())
    use = " ".join(spec.intended_use.split())
    assert use in text
    for later in ("Not for", "What it tells", "Source attributes"):
        assert text.index(use) < text.rindex(later)
    assert "It is no diagnosis" in text


@pytest.mark.parametrize("model", [*TRAINED, *SCORES])
def test_the_page_needs_nothing_from_elsewhere(model: str, world: Any) -> None:
    answer = get(world, model, "?format=html")
    read = Read(answer.data.decode())

    assert {"script", "link", "img", "iframe", "object", "form"}.isdisjoint(
        tag for tag, _ in read.tags
    )
    addresses = [v for _, attrs in read.tags for k, v in attrs.items() if k in {"href", "src"}]
    assert all(str(address).startswith("#") for address in addresses)
    assert not [k for _, attrs in read.tags for k in attrs if k.startswith("on") or k == "style"]
    (style,) = re.findall(rb"<style>(.*?)</style>", answer.data, re.DOTALL)
    digest = b64encode(sha256(style).digest()).decode()
    policy = answer.headers["Content-Security-Policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    for media in (b"prefers-color-scheme: dark", b"@media print"):
        assert media in style


def test_a_figure_that_nobody_measured_has_no_column(world: Any) -> None:
    assert ">Utility<" not in page(world)
    assert ">Utility<" in page(world, "sepsis-6h")


def test_a_group_with_few_events_is_insufficient_and_has_its_counts(world: Any) -> None:
    card = decode(get(world).data)
    few = [one for one in card["groups"] if one["note"]]

    assert few
    assert {(one["note"], one["auroc"], one["events"] < 20) for one in few} == {
        ("insufficient", None, True)
    }
    rows = re.findall(r"<tr>.*?</tr>", page(world), re.DOTALL)
    shown = next(row for row in rows if few[0]["group"] in row)
    assert ">insufficient<" in shown
    assert f">{few[0]['n']:,}<" in shown


def test_what_a_package_says_is_text_and_never_markup(
    build: Callable[..., Any], models: Any
) -> None:
    model = models[ICU]
    assert isinstance(model, Trained)
    nasty = "<script>alert(1)</script><b onclick='x'>\"&"
    told = msgspec.json.decode(model.documents["evaluation.json"])
    told["subgroups"] = {nasty: {"n": 1, "events": 1, "note": nasty}}
    spoilt = replace(
        model,
        spec=replace(model.spec, title=nasty, intended_use=nasty, citation=nasty),
        documents={**model.documents, "evaluation.json": msgspec.json.encode(told)},
    )
    world = build(models={**models, ICU: spoilt})

    read = Read(page(world))

    assert {"script", "b"}.isdisjoint(tag for tag, _ in read.tags)
    assert nasty in read.text


@pytest.mark.parametrize(
    ("accept", "query", "expected"),
    [
        ("", "", "application/json"),
        ("*/*", "", "application/json"),
        ("application/json", "", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "", "text/html"),
        ("application/json", "?format=html", "text/html"),
        ("text/html", "?format=json", "application/json"),
    ],
)
def test_format_goes_before_accept(accept: str, query: str, expected: str, world: Any) -> None:
    answer = get(world, ICU, query, **({"Accept": accept} if accept else {}))

    assert (answer.status_code, answer.mimetype) == (200, expected)
    assert answer.headers["Vary"] == "Accept"


@pytest.mark.parametrize(
    ("model", "query", "accept", "expected"),
    [
        (ICU, "?format=pdf", "*/*", 400),
        (ICU, "", "image/png", 406),
        ("apache", "", "*/*", 404),
        ("broken", "", "*/*", 503),
    ],
)
def test_a_card_that_is_not_to_be_had_is_said_so(
    model: str, query: str, accept: str, expected: int, build: Callable[..., Any]
) -> None:
    world = build(unserved={"broken": "made up"})

    assert get(world, model, query, Accept=accept).status_code == expected


def test_cards_are_public_only_when_the_site_says_so_and_scores_never_are(
    build: Callable[..., Any],
) -> None:
    closed, public = (
        build(token=SecretStr("made-up"), public_cards=public) for public in (False, True)
    )

    assert get(closed).status_code == 401
    assert get(public).status_code == get(public, "news2").status_code == 200
    assert public.post({"patient": "p-1"}).status_code == 401
    assert public.client.get("/v1/models").status_code == 401
    assert public.client.get("/v1/scores/00000000-0000-4000-8000-000000000001").status_code == 401


def test_the_models_list_says_version_hash_role_and_where_the_card_is(
    world: Any, models: Any
) -> None:
    told = {one["id"]: one for one in decode(world.client.get("/v1/models").data)["models"]}

    icu = told[ICU]
    assert (icu["manifest_sha256"], icu["role"]) == (models[ICU].spec.sha256, "champion")
    assert world.client.get(icu["card"]).status_code == 200


def test_what_is_not_known_is_a_dash_and_never_nought() -> None:
    assert [number(None), share(None), count(None), span(None)] == ["–", "–", "–", ""]
    assert [number(0), share(0), count(0)] == ["0.000", "0.0 %", "0"]
    assert (share(0.153), count(120646), span([0.79, 0.8412])) == (
        "15.3 %",
        "120,646",
        "(0.790 to 0.841)",
    )


def test_a_card_without_its_documents_claims_nothing(models: Any) -> None:
    model = models[ICU]
    assert isinstance(model, Trained)

    card = card_of(replace(model, documents={}))

    assert card["figures"][0]["figures"][0]["value"] is None
    assert (card["groups"], card["source_attributes"]) == ([], [])
