"""Words and parts that more than one Wherry service uses."""
