"""CDS Hooks requests in, cards out."""
