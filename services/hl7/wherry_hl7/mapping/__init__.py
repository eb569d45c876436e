"""Maps written as data become closures: one rule, one small function, nothing read per message."""
