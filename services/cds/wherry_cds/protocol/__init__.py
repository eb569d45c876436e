"""CDS Hooks 2.0 as pure functions: requests in, checked values out, answers without empty parts."""
