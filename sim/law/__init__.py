"""What the rules say: pure functions and dated parameters, free of minds, chance and any one country."""
