"""The whole suite on one machine: `wherry up` and `wherry demo`."""
