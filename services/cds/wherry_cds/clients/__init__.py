"""EHRs that may call: who they are, how they prove it, and what each of them understands."""
