"""What may go wrong with a model, what stands against it, and the test that shows that it does."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad the harm may be. Source: ISO/TR 24971:2020, five qualitative levels."""

    MINOR = "minor"
    SERIOUS = "serious"
    CRITICAL = "critical"


class Probability(StrEnum):
    """How likely the harm is once the control is there. Source: ISO/TR 24971:2020."""

    IMPROBABLE = "improbable"
    REMOTE = "remote"
    OCCASIONAL = "occasional"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Hazard:
    """A line of the table; `control` and `verification` are file::name, of code and of a test.

    `of`: the kinds of model that it concerns.
    """

    name: str
    sequence: str
    harm: str
    severity: Severity
    probability: Probability
    control: str
    where: str
    verification: tuple[str, ...]
    of: frozenset[str]


AI, RULE, MEASURED, STAY, ALARM, ICU = "ai", "rule", "measured", "stay", "alarm", "icu"
ALL = frozenset({AI, RULE})
RISK, TESTS = "services/risk/wherry_risk", "tests/risk"
UNDER = "A deteriorating patient is looked after later than needed"

HAZARDS: Sequence[Hazard] = (
    Hazard(
        "A late or silent feed is scored as if it were current",
        "An interface stops or queues; old values stay the newest ones; the estimate looks calm",
        UNDER,
        Severity.CRITICAL,
        Probability.REMOTE,
        "Refusal `feed_lag` with figures beyond the manifest's limit, a warning before it",
        f"{RISK}/model/feed.py::lag_of",
        (
            f"{TESTS}/test_feed_lag.py::test_a_feed_at_its_limit_is_answered_and_a_minute_later"
            "_refused",
            f"{TESTS}/test_feed_lag.py::test_a_score_from_a_feed_that_begins_to_lag_says_so",
        ),
        frozenset({MEASURED}),
    ),
    Hazard(
        "A single old value is taken for the present one",
        "A vital sign is no longer charted; its last value counts for days",
        UNDER,
        Severity.CRITICAL,
        Probability.REMOTE,
        "An oldest age per input and setting; beyond it the input is missing or the score refused",
        f"{RISK}/model/aggregate.py::fresh",
        (
            f"{TESTS}/onnx/test_trained.py::test_without_a_recent_heart_rate_it_is_refused",
            f"{TESTS}/model/test_facts.py::test_a_vital_sign_goes_stale_after_four_hours",
        ),
        frozenset({MEASURED, RULE}),
    ),
    Hazard(
        "Units or codes are mixed up",
        "A laboratory sends umol/L under the code of mg/dL, or a new analyser changes a code",
        "A wrong estimate in either direction",
        Severity.CRITICAL,
        Probability.REMOTE,
        "UCUM units with conversions per analyte; no unit, no value; plausible ranges reject and "
        "never clip",
        f"{RISK}/model/reading.py::value_of",
        (
            f"{TESTS}/onnx/test_trained.py::test_units_are_converted_per_analyte",
            f"{TESTS}/model/test_facts.py::test_what_cannot_be_used_is_missing_with_its_reason",
        ),
        frozenset({MEASURED, RULE}),
    ),
    Hazard(
        "Another person's values are scored",
        "Resources of two people come in one request, or a link is wrong",
        "Care is given to or kept from the wrong person",
        Severity.CRITICAL,
        Probability.IMPROBABLE,
        "A resource about anybody else makes the whole request fail",
        f"{RISK}/model/record.py::record",
        (f"{TESTS}/model/test_record.py::test_anybody_elses_resource_makes_it_fail_and_is_named",),
        ALL,
    ),
    Hazard(
        "What is missing is read as zero or as normal",
        "A converter or a default turns an absent value into a number",
        UNDER,
        Severity.CRITICAL,
        Probability.IMPROBABLE,
        "Missing values follow the branch that training learned; inputs without such a branch "
        "must be known; golden rows with gaps at each load",
        f"{RISK}/onnx/golden.py::check_rows",
        (
            f"{TESTS}/onnx/test_load.py::test_a_changed_way_of_missing_values_is_found_by_the_golden"
            "_rows",
        ),
        frozenset({AI}),
    ),
    Hazard(
        "Too little is known for the estimate to mean anything",
        "Laboratory or monitor is not connected; calibration breaks before the ranking does",
        UNDER,
        Severity.SERIOUS,
        Probability.OCCASIONAL,
        "Gates refuse below a number of known inputs; a sibling that reads less answers under its "
        "own name; training with whole panels away",
        f"{RISK}/onnx/trained.py::_too_few",
        (
            f"{TESTS}/test_sepsis.py::test_without_laboratory_values_the_sibling_for_monitors_answers",
            f"{TESTS}/onnx/test_trained.py::test_fewer_than_twelve_known_inputs_are_refused",
        ),
        frozenset({AI}),
    ),
    Hazard(
        "An incomplete point score is read as a whole one",
        "Parts are not charted and count nothing; the total looks low",
        UNDER,
        Severity.SERIOUS,
        Probability.REMOTE,
        "`partial` with the list of what is missing and `at_most`, the total at the worst",
        f"{RISK}/model/interface.py::Score",
        (
            f"{TESTS}/model/test_news2.py::test_absent_oxygen_and_consciousness_make_it_partial_and"
            "_say_how_high_it_could_be",
        ),
        frozenset({RULE}),
    ),
    Hazard(
        "The file of the model is swapped, truncated or wrongly converted",
        "A deployment mixes versions, a disk fails, a converter rounds thresholds",
        "Numbers that look right and are not",
        Severity.CRITICAL,
        Probability.IMPROBABLE,
        "SHA-256 before anything parses a file, allowed operators only, golden rows within 1e-5; "
        "what fails is not served and /readyz names it",
        f"{RISK}/onnx/load.py::load",
        (
            f"{TESTS}/onnx/test_load.py::test_one_flipped_byte_is_found_before_anything_parses_the"
            "_file",
            f"{TESTS}/training/test_export.py::test_a_rounded_threshold_parts_the_same_float32_values",
        ),
        frozenset({AI}),
    ),
    Hazard(
        "Training and serving read different values",
        "Two programs make the features; they drift apart",
        "A wrong estimate that no figure of the card shows",
        Severity.SERIOUS,
        Probability.IMPROBABLE,
        "One pure function makes the row for training, serving and back-testing",
        f"{RISK}/model/vector.py::row",
        (f"{TESTS}/training/test_assemble.py::test_serving_makes_the_row_that_training_would",),
        frozenset({AI}),
    ),
    Hazard(
        "The model is used for people or in places it was not made for",
        "It is asked at home, on a ward, for children",
        "A wrong estimate in either direction",
        Severity.SERIOUS,
        Probability.OCCASIONAL,
        "Refusal by age, death and setting; intended use in every answer; whether somebody is in "
        "intensive care is for the caller to know",
        f"{RISK}/model/population.py::outside",
        (
            f"{TESTS}/test_siblings.py::test_values_from_home_are_refused_by_models_of_hospital_values",
            f"{TESTS}/onnx/test_trained.py::test_people_it_is_not_for_are_refused",
        ),
        ALL,
    ),
    Hazard(
        "Too many alarms",
        "Most alarms of a rare outcome are false; staff learn to pass over them",
        UNDER,
        Severity.SERIOUS,
        Probability.OCCASIONAL,
        "PPV and share flagged on the card; a new RiskAssessment only when tier or probability "
        "changed enough; research and shadow use until validated locally",
        f"{RISK}/model/writing.py::WritePolicy",
        (f"{TESTS}/onnx/test_writing.py::test_what_a_package_says_reaches_its_spec",),
        frozenset({ALARM, ICU}),
    ),
    Hazard(
        "The number is trusted more than the patient",
        "A low estimate reassures although the bedside says otherwise",
        UNDER,
        Severity.SERIOUS,
        Probability.OCCASIONAL,
        "NEWS2 on the same record beside each estimate, inputs with value, time and age, "
        "contributions, intended use in the answer",
        f"{RISK}/answer.py::answered",
        (f"{TESTS}/test_trained_api.py::test_the_answer_holds_probability_parts_and_news2",),
        frozenset({AI}),
    ),
    Hazard(
        "The estimate is worse for some groups of people",
        "A group is rare in the training data, or a device misreads it",
        "Unequal care",
        Severity.SERIOUS,
        Probability.NOT_KNOWN,
        "No race input; figures of each group that the data tell of, marked insufficient under 20 "
        "events",
        f"{RISK}/training/figures.py::by_group",
        (f"{TESTS}/training/test_train.py::test_the_card_states_the_figures_of_the_evaluation",),
        frozenset({AI}),
    ),
    Hazard(
        "The estimate is a habit of the training hospital",
        "How often and when people are measured differs between hospitals",
        "A wrong estimate in either direction",
        Severity.SERIOUS,
        Probability.OCCASIONAL,
        "Neither counts nor ages of measurements nor time in the unit are inputs; external figures "
        "where data exist; local validation is asked for",
        f"{RISK}/model/aggregate.py::Aggregate",
        (f"{TESTS}/test_sepsis.py::test_how_often_somebody_was_measured_changes_nothing",),
        frozenset({ICU, ALARM}),
    ),
    Hazard(
        "A doubtful or withdrawn value counts",
        "A value is marked as wrong at its source after it was scored",
        "A wrong estimate stands in the record",
        Severity.SERIOUS,
        Probability.REMOTE,
        "Suspect values are no inputs; what was built on a withdrawn one becomes entered-in-error",
        f"{RISK}/withdrawing.py::withdraw",
        (
            f"{TESTS}/test_withdrawing.py::test_a_reading_that_is_marked_as_suspect_later_undoes_its_score"
            "_too",
        ),
        frozenset({MEASURED, RULE}),
    ),
    Hazard(
        "What a stay does not tell is read as no",
        "Diagnoses or earlier stays are not in this server",
        "Help after discharge goes to the wrong people",
        Severity.MINOR,
        Probability.OCCASIONAL,
        "Not told is not known, never 0; length of stay, age and earlier stays must be known",
        f"{RISK}/model/stay.py::told",
        (f"{TESTS}/model/test_stay.py::test_what_is_not_told_is_not_known_and_never_zero",),
        frozenset({STAY}),
    ),
    Hazard(
        "An internal fault looks like no risk",
        "A service is away, a patient's record cannot be read",
        UNDER,
        Severity.CRITICAL,
        Probability.REMOTE,
        "Typed failures (503, 422), never an empty answer; patients who cannot be scored are kept "
        "aside with the reason and counted",
        f"{RISK}/jobs.py",
        (
            f"{TESTS}/test_jobs_trouble.py::test_a_record_that_cannot_be_read_is_kept_for_a_person",
            f"{TESTS}/test_score_api.py::test_a_fhir_server_that_does_not_answer_us_is_a_503",
        ),
        ALL,
    ),
)
