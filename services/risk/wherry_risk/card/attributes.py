"""A published score becomes the source attributes of an evidence-based intervention."""

from typing import Any

from wherry_risk.model.spec import ModelSpec, Reads

Json = dict[str, Any]

_NOT_USED = "Not used."


def attributes_of(spec: ModelSpec) -> list[Json]:
    """The 13, in the order of the rule.

    Source: 45 CFR 170.315(b)(11)(iv)(A).
    """
    reads = {one.reads for one in spec.inputs}
    sex = "An input." if Reads.SEX in reads else _NOT_USED
    born = (
        "An input, as age."
        if Reads.AGE in reads
        else f"Only to see whether somebody is at least {spec.min_age_years}."
    )
    told = (
        ("Bibliographic citation", spec.citation),
        (
            "Developer of the intervention",
            "Of the score, see the citation. Of this software, the Wherry project.",
        ),
        (
            "Funding source of the technical implementation",
            "Of this software, none. Of the score, see the citation.",
        ),
        ("Release and revision dates", f"Version {spec.version}; the year is that of the source."),
        ("Use of race", _NOT_USED),
        ("Use of ethnicity", _NOT_USED),
        ("Use of language", _NOT_USED),
        ("Use of sexual orientation", _NOT_USED),
        ("Use of gender identity", _NOT_USED),
        ("Use of sex", sex),
        ("Use of date of birth", born),
        ("Use of social determinants of health data", _NOT_USED),
        ("Use of health status assessments data", _NOT_USED),
    )
    return [
        {"number": place, "name": name, "text": text} for place, (name, text) in enumerate(told, 1)
    ]
