"""A clinician's launch in, an app's token out: the sandbox's SMART authorization server."""
