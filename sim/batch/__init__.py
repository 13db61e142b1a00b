"""Many runs: what is planned, what the store holds, and how it is filled; it arranges runs and knows no politics."""
