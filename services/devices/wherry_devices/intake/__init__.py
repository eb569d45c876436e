"""How payloads come in: doors, signatures, secret paths; what is kept of them."""
