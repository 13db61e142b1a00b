"""Competitor: Mesa with one object a voter, as most models in Mesa are written.

Voters are agents with Python attributes and a list of neighbours that are agents; ``agents.do`` runs a method of all of
them. ``shuffle_do`` would only add a shuffle, for the order of a sweep is immaterial here.
"""

from __future__ import annotations

import mesa
from voters_as_objects import CountryAttributes, ObjectRun, VoterMethods
from work import Work

EXACT = False  # Python's generator, one call a draw
PACKAGES = ("mesa",)


class Voter(VoterMethods, mesa.Agent):
    """One voter."""


class Country(CountryAttributes, mesa.Model):
    """The voters and what is the same for all of them."""


class Run(ObjectRun):
    """One run of the reference work."""

    def __init__(self, work: Work, seed: int) -> None:
        model = Country(rng=seed)
        model.begin(work)
        voters = Voter.create_agents(model, work.voters)
        super().__init__(work, model, voters.to_list(), model.agents.do)
