"""What happens: one stage a file, in the order of the calendar."""
