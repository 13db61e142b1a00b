"""How much pluralism a result holds: indices of votes and seats, voting power, and the seat product's expectation.

Shares are fractions of 1, used as given and never renormalised. What is undefined (no seats, no votes, nothing to
compare with) is None, never 0: a chamber that was not filled is not a chamber of no parties.
"""
