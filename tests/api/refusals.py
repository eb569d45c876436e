"""The statuses with which a service may refuse data that break its contract."""

# Beside schemathesis' own list: 412 a prefetch or version condition, 413 a body over the limit.
# A 5xx is never a refusal.
REFUSED = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422"]
