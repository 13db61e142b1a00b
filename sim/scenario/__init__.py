"""What is asked: scenarios and experiments, where they are, and what is wrong with them."""
