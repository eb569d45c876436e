"""What `as:` names in the maps: one repetition or text becomes one FHIR value."""
