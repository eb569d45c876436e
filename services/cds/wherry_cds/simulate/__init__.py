"""An EHR at the command line: calls with prefetch, cards as they are shown, calls run again."""
