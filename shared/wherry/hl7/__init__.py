"""Pure HL7 v2: framing, reading, escaping, acknowledging."""
