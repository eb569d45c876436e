"""POST /cds-services/deterioration asks the trained model with vital signs and laboratory."""

from collections.abc import Callable
from typing import Any

from wherry.codec import decode
from wherry.errors import Failure, Kind


def test_it_answers_with_the_models_card(
    build: Callable[..., Any], predicted: Any, request_body: Any, bundle: Any
) -> None:
    world = build(predicted)
    request_body["prefetch"]["laboratory"] = bundle

    answer = world.call(request_body, service="deterioration")

    card = decode(answer.data)["cards"][0]
    assert answer.status_code == 200, answer.data
    assert card["summary"].startswith("Estimated risk of death in hospital 27 % (medium)")
    assert world.scorer.models == ["icu-mortality-24h"]
    assert [one["resourceType"] for one in world.scorer.asked[0]] == [
        "Patient",
        "Observation",
        "Observation",
    ]


def test_the_laboratory_is_needed(
    build: Callable[..., Any], predicted: Any, request_body: Any
) -> None:
    answer = build(predicted).call(request_body, service="deterioration")

    assert answer.status_code == 412


def test_a_model_that_is_not_served_is_no_card(
    build: Callable[..., Any], request_body: Any, bundle: Any
) -> None:
    world = build(Failure(Kind.UNAVAILABLE, "the risk service could not answer"))
    request_body["prefetch"]["laboratory"] = bundle

    assert world.call(request_body, service="deterioration").status_code == 503
