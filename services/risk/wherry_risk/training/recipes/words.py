"""What each package says in words: use, limits, data, licences."""

from dataclasses import replace

from wherry_risk.training.recipes.recipe import Words

_NOT_CAUSAL = "Treatment hides risk: normal values under full support look better than they are."
_GOLDBERGER = (
    "Goldberger AL, et al. PhysioBank, PhysioToolkit, and PhysioNet. Circulation "
    "2000;101(23):e215-e220."
)

ICU_WORDS = Words(
    title="ICU in-hospital mortality from the last 24 hours",
    outcome="Death before hospital discharge",
    definition=(
        "The probability (0 to 1) that the patient dies before leaving the hospital, estimated "
        "from 24 h of intensive care observations; a statement about groups of similar stays in "
        "the training data, not about one person's fate."
    ),
    intended_use=(
        "Supports health professionals in intensive care in seeing how ill an adult is, beside "
        "their own judgement and NEWS2. It is not a diagnosis, recommends no treatment and must "
        "never be the ground for withholding or withdrawing care."
    ),
    users="Physicians and nurses of the treating intensive care team.",
    setting="Adult intensive care units, from the end of the first 24 hours.",
    out_of_scope=(
        "people under 18",
        "hospital wards, emergency departments, care homes and the home",
        "decisions about triage, treatment limits or resources",
        "the first hours of a stay, and stays after the first days",
        "patients and relatives without a professional's explanation",
    ),
    limits=(
        "Trained on stays of 2001 to 2008 in one Boston hospital; care has changed since.",
        "Not validated locally: validate before use.",
        "The service cannot see whether a patient is in intensive care; whoever calls it must.",
        "Stays shorter than 48 hours are not in the training data, so early deaths are unknown "
        "to it.",
        "Mechanical ventilation counts only when a ventilator's rate or tidal volume is charted, "
        "and urine only as a 24 h total; otherwise both count as not known.",
        "At least 12 of the 20 inputs must be known, else there is no estimate.",
        "Respiratory rate is known for 28 % of the training stays, and they were the healthier "
        "ones: for such patients the estimate is too high in the training hospital (see Groups).",
        _NOT_CAUSAL,
    ),
    citation=(
        "Silva I, et al. Predicting in-hospital mortality of ICU patients: the PhysioNet/"
        "Computing in Cardiology Challenge 2012. Comput Cardiol 2012;39:245-248."
    ),
    licence="Open Data Commons Attribution License v1.0 (ODC-BY)",
    attribution=(
        "Contains information from PhysioNet Challenge 2012 (v1.0.0), which is made available "
        f"under the ODC Attribution License. {_GOLDBERGER}"
    ),
    period="MIMIC-II, Beth Israel Deaconess Medical Center, Boston, 2001 to 2008",
    inclusion="Adult stays of at least 48 hours, as the challenge chose them.",
    exclusion="Stays of people under 18 were left out.",
    relevance=(
        "One academic hospital's medical, surgical, coronary and cardiac surgery units; other "
        "hospitals differ in case mix, charting and care."
    ),
)
ICU_FULL_WORDS = replace(
    ICU_WORDS,
    title="ICU in-hospital mortality from everything charted in the last 24 hours",
    limits=(
        *ICU_WORDS.limits[:4],
        "No data set of another hospital holds all its inputs: it has no external validation. "
        "The portable sibling icu-mortality-24h has.",
        "At least 5 of 8 bedside and 10 of 20 laboratory inputs must be known, else the portable "
        "sibling is asked.",
        _NOT_CAUSAL,
    ),
)

SEPSIS_WORDS = Words(
    title="Sepsis within 6 hours, from values alone",
    outcome="Sepsis (Sepsis-3) within about 6 hours",
    definition=(
        "The probability (0 to 1) that this hour lies within the 6 h before the onset of sepsis "
        "as the challenge defines it, or after it; a statement about similar hours in the "
        "training data."
    ),
    intended_use=(
        "Supports health professionals in intensive care in noticing that an adult may be "
        "developing sepsis, beside their own judgement and NEWS2. It is not a diagnosis, and "
        "recommends no treatment. It is for research and shadow use until it was validated "
        "locally and its regulatory position is settled."
    ),
    users="Physicians and nurses of the treating intensive care team.",
    setting="Adult intensive care units, hourly.",
    out_of_scope=(
        "people under 18",
        "hospital wards, emergency departments, care homes and the home",
        "ruling sepsis out: a low estimate is no reassurance",
        "people who already have sepsis",
    ),
    limits=(
        "No external validation exists: trained and tested in one hospital system. The entries of "
        "the challenge kept their AUROC in an unseen hospital and lost their utility: thresholds "
        "do not transfer, and must be set where the model is used.",
        "About 1 in 70 hours is positive: most alarms are false (see PPV of the tiers).",
        "How long somebody has been in intensive care, how often they are measured and how old a "
        "value is are no inputs, though they would raise the figures here: they are habits of one "
        "hospital.",
        "At least 4 of 7 vital signs, temperature or respiratory rate among them, and 4 of 8 "
        "common laboratory values must be known, else the sibling for vital signs is asked.",
        "Each hour by which the feed is late costs accuracy; after 4 h there is no estimate.",
        "Race and ethnicity are not in the data, and pulse oximeters read too high in darker "
        "skin: what that means for this model is not known.",
        _NOT_CAUSAL,
    ),
    citation=(
        "Reyna MA, et al. Early prediction of sepsis from clinical data: the PhysioNet/Computing "
        "in Cardiology Challenge 2019. Crit Care Med 2020;48:210-217."
    ),
    licence="Creative Commons Attribution 4.0 International (CC BY 4.0)",
    attribution=(
        "PhysioNet/Computing in Cardiology Challenge 2019, training set B (v1.0.0), "
        f"doi:10.13026/v64v-d857. {_GOLDBERGER}"
    ),
    period="Hospital system B of the challenge, years not published",
    inclusion="Hours of intensive care as the challenge chose them.",
    exclusion="People under 18 were left out.",
    relevance="Intensive care of one US hospital system.",
)
SEPSIS_VITALS_WORDS = replace(
    SEPSIS_WORDS,
    title="Sepsis within 6 hours, from vital signs alone",
    limits=(
        *SEPSIS_WORDS.limits[:3],
        "At least 4 of 7 vital signs, temperature or respiratory rate among them, must be known.",
        "Much weaker than sepsis-6h: it is for people of whom only a monitor is known.",
        *SEPSIS_WORDS.limits[4:],
    ),
)

READMISSION_WORDS = Words(
    title="Readmission within 30 days of discharge, people with diabetes",
    outcome="Unplanned or planned readmission within 30 days",
    definition=(
        "The probability (0 to 1) that the patient is an inpatient again within 30 days of this "
        "discharge; a statement about similar discharges in the training data."
    ),
    intended_use=(
        "Supports the discharging team in choosing whom to offer more help after discharge. It is "
        "not a diagnosis and must never delay, deny or shorten care."
    ),
    users="Physicians, nurses and case managers who plan discharges.",
    setting="Adult inpatients with diabetes, on the day of discharge.",
    out_of_scope=(
        "people under 18",
        "people without diabetes",
        "stays that end in death, in hospice or in another acute stay of the same episode",
        "payment, and comparison of hospitals",
    ),
    limits=(
        "Trained on US discharges of 1999 to 2008 in stays of 1 to 14 days; care, coding and "
        "readmission have changed since.",
        "Readmission is hard to foresee: at the tier high most people are not readmitted.",
        "Weakest in people of 80 and over (see Groups).",
        "The training diagnoses are ICD-9-CM, three a stay; what is sent today is ICD-10-CM, often "
        "more of them: a known shift.",
        "Counts are as the training data counted: distinct medications, at most 16 diagnoses, at "
        "most 6 procedures.",
        "The day counts: an estimate made before the discharge disposition is known is weaker.",
        "Race, ethnicity and payer are no inputs; they are used to look for unfairness only.",
    ),
    citation=(
        "Strack B, et al. Impact of HbA1c measurement on hospital readmission rates. BioMed "
        "Research International 2014;2014:781670."
    ),
    licence="Creative Commons Attribution 4.0 International (CC BY 4.0)",
    attribution=(
        "Clore J, Cios K, DeShazo J, Strack B. Diabetes 130-US Hospitals for Years 1999-2008. UCI "
        "Machine Learning Repository, 2014. doi:10.24432/C5230J."
    ),
    period="130 US hospitals, 1999 to 2008",
    inclusion="Inpatient encounters of people with diabetes, 1 to 14 days, as the source chose.",
    exclusion="Discharges by death or to hospice, and people under 20 (ages come in decades).",
    relevance="US inpatients with diabetes; payment and follow-up differ elsewhere.",
)
