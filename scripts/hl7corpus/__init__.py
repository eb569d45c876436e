"""Folders of HL7 v2 messages, and what others made of them, measured against our translator."""
