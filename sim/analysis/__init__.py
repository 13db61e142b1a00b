"""What came out: comparisons and summaries read off a store; nothing here runs a model."""
