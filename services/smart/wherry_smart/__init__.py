"""The launch host: an EHR opens it, it keeps the tokens and serves the page."""
