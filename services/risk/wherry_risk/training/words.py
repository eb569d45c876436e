"""What the package of `icu-mortality-24h` says in words: use, limits, data, licences."""

TITLE = "ICU in-hospital mortality from the last 24 hours"
OUTCOME = "Death before hospital discharge"
DEFINITION = (
    "The probability (0 to 1) that the patient dies before leaving the hospital, estimated from "
    "24 h of intensive care observations; a statement about groups of similar stays in the "
    "training data, not about one person's fate."
)
INTENDED_USE = (
    "Supports health professionals in intensive care in seeing how ill an adult is, beside their "
    "own judgement and NEWS2. It is not a diagnosis, recommends no treatment and must never be the "
    "ground for withholding or withdrawing care."
)
USERS = "Physicians and nurses of the treating intensive care team."
SETTING = "Adult intensive care units, from the end of the first 24 hours."
OUT_OF_SCOPE = (
    "people under 18",
    "hospital wards, emergency departments, care homes and the home",
    "decisions about triage, treatment limits or resources",
    "the first hours of a stay, and stays after the first days",
    "patients and relatives without a professional's explanation",
)
LIMITS = (
    "Trained on stays of 2001 to 2008 in one Boston hospital; care has changed since.",
    "Not validated locally, nor in any other hospital by this version: validate before use.",
    "The service cannot see whether a patient is in intensive care; whoever calls it must.",
    "Stays shorter than 48 hours are not in the training data, so early deaths are unknown to it.",
    "Mechanical ventilation counts only when a ventilator's rate or tidal volume is charted, and "
    "urine only as a 24 h total; otherwise both count as not known.",
    "At least 12 of the 20 inputs must be known, else there is no estimate.",
    "Respiratory rate is known for 28 % of the training stays, and they were the healthier ones: "
    "for such patients the estimate is too high in the training hospital (see Groups).",
    "Treatment hides risk: normal values under full support look better than they are.",
)
CITATION = (
    "Silva I, et al. Predicting in-hospital mortality of ICU patients: the PhysioNet/Computing in "
    "Cardiology Challenge 2012. Comput Cardiol 2012;39:245-248."
)
LICENCE = "Open Data Commons Attribution License v1.0 (ODC-BY)"
ATTRIBUTION = (
    "Contains information from PhysioNet Challenge 2012 (v1.0.0), which is made available under "
    "the ODC Attribution License. Goldberger AL, et al. PhysioBank, PhysioToolkit, and PhysioNet. "
    "Circulation 2000;101(23):e215-e220."
)
PERIOD = "MIMIC-II, Beth Israel Deaconess Medical Center, Boston, 2001 to 2008"
INCLUSION = "Adult stays of at least 48 hours, as the challenge chose them."
EXCLUSION = "Stays of people under 18 were left out."
LICENSES = f"""# Licences

- The model, its manifest and these documents: Apache-2.0, as the project.
- Training data, which are not part of this package: {LICENCE}. {ATTRIBUTION}
- {CITATION}
- Made with LightGBM (MIT), ONNX (Apache-2.0) and NumPy (BSD-3-Clause).
- LOINC codes: copyright Regenstrief Institute, Inc., used under the LOINC licence.
"""
