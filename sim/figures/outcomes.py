"""What the measures of the table ``runs``, and the settings that are doses, are called in figures, and how printed."""

from __future__ import annotations

from typing import NamedTuple

from sim.law.rules import SECTIONS

PRIMARY = "autonomous_seat_share_middle"
"""What figures show where an experiment names no primary outcome."""


class Outcome(NamedTuple):
    """What a measure is called, and how it is printed: value times ``scale``, differences in ``unit``."""

    label: str
    unit: str
    scale: float = 1.0
    digits: int = 2

    @property
    def own_unit(self) -> str:
        """The unit of a value, where that of a difference is another: shares are percent, their differences points."""
        return "%" if self.scale == 100 else self.unit


_POINTS = ("percentage points", 100.0, 1)

OUTCOMES = {
    "autonomous_seat_share_strict": Outcome("seats of autonomous parties (strict coding)", *_POINTS),
    "autonomous_seat_share_middle": Outcome("seats of autonomous parties", *_POINTS),
    "autonomous_seat_share_broad": Outcome("seats of autonomous parties (broad coding)", *_POINTS),
    "leader_seat_share": Outcome("seats of the party of power", *_POINTS),
    "official_leader_share": Outcome("official vote of the party of power", *_POINTS),
    "true_leader_share": Outcome("vote cast for the party of power", *_POINTS),
    "official_turnout": Outcome("official turnout", *_POINTS),
    "true_turnout": Outcome("true turnout", *_POINTS),
    "wasted_share": Outcome("votes without a seat", *_POINTS),
    "stations_joined_share": Outcome("stations that joined in fraud", *_POINTS),
    "observed_share": Outcome("stations with an observer", *_POINTS),
    "unrepresented_share": Outcome("voters nearest to a group without registration", *_POINTS),
    "against_all_share": Outcome("official vote against all", *_POINTS),
    "enp_seats": Outcome("effective parties, by seats", "parties"),
    "enp_seats_bloc": Outcome("effective parties, by seats (independents as one)", "parties"),
    "enp_list_seats": Outcome("effective parties, by list seats", "parties"),
    "enp_votes": Outcome("effective parties, by official votes", "parties"),
    "enp_votes_true": Outcome("effective parties, by votes cast", "parties"),
    "enp_autonomous": Outcome("effective parties among autonomous seats", "parties"),
    "autonomous_lists": Outcome("autonomous lists on the ballot", "lists"),
    "lists_on_ballot": Outcome("lists on the ballot", "lists"),
    "registered_new": Outcome("new parties registered", "parties"),
    "registered_new_disloyal": Outcome("new autonomous parties registered", "parties"),
    "refusals": Outcome("refusals", "refusals"),
    "gallagher": Outcome("disproportionality (Gallagher)", "index points"),
}

_SETTINGS = {
    "mechanism.observers.share": "share of stations with an independent observer",
    "mechanism.stations.count": "polling stations",
    "population.voters": "simulated voters",
}


def told(outcome: str) -> Outcome:
    """What a measure is called; one without an entry is called by its name."""
    return OUTCOMES.get(outcome, Outcome(outcome.replace("_", " "), "in the measure's own unit"))


def setting_label(setting: str) -> str:
    """A dotted setting in words: a rule of law by its title, a few others by theirs, the rest by their name."""
    place, _, rule = setting.removeprefix("law.").partition(".")
    if setting.startswith("law.") and place in SECTIONS and rule in SECTIONS[place].model_fields:
        title = SECTIONS[place].model_fields[rule].description or rule
        return title[0].lower() + title[1:]
    return _SETTINGS.get(setting, " ".join(setting.replace("_", " ").split(".")[1:]) or setting)
