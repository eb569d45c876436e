"""Data sets become model packages; needs the extra `train`, and nothing here runs in a service."""
