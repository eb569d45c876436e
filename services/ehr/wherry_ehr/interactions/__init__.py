"""One FHIR interaction a file: what is asked, what is answered."""
