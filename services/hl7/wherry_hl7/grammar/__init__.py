"""What HL7 v2 says about messages: their structures, and what each segment and field may hold."""
