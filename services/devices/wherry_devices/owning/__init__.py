"""Whose a device is and when: bindings, their page, and who looked."""
