"""Technical files: what a regulator, a buyer and a reviewer ask of each model, from its package."""
