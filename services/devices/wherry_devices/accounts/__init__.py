"""Patients' accounts at vendors' clouds: consent, tokens, fetching."""
