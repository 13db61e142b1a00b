"""Competitor: agentpy, one object a voter in an ``AgentList`` that calls a method of all of them."""

from __future__ import annotations

import agentpy as ap
from voters_as_objects import CountryAttributes, ObjectRun, VoterMethods
from work import Work

EXACT = False  # Python's generator, one call a draw
PACKAGES = ("agentpy",)


class Voter(VoterMethods, ap.Agent):
    """One voter."""


class Country(CountryAttributes, ap.Model):
    """The voters and what is the same for all of them."""

    def setup(self) -> None:
        self.begin(self.p.work)
        self.voters = ap.AgentList(self, self.p.work.voters, Voter)


class Run(ObjectRun):
    """One run of the reference work."""

    def __init__(self, work: Work, seed: int) -> None:
        model = Country({"work": work, "steps": work.months})
        model.sim_setup(steps=work.months, seed=seed)
        super().__init__(work, model, list(model.voters), lambda method: getattr(model.voters, method)())
