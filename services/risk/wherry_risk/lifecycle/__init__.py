"""Which version of a model answers: roles, the rule by which they change, who changed them."""
