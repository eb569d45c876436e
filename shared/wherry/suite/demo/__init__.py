"""`wherry demo`: a synthetic feed through a running suite, checked to the last observation."""
