"""The settings of the society, apart from the code that needs heavy libraries: scenarios are checked at once."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.strict import Share, Strict, setting

AXES = ("economy", "nation", "accountability")
"""Axes of opinion; positions are on scales standardised over the electorate."""


class StationSettings(Strict):
    """The synthetic register of stations; only its total and its mean size are sourced."""

    count: Annotated[int, Field(ge=1)] | None = setting(
        None, "sourced", "the case's own number for the election (events.toml)", unit="stations"
    )
    closed_share: Share = setting(0.06, "assumed", "hospitals, barracks, pre-trial prisons: 6 % of stations")
    closed_size: float = setting(200, "assumed", "mean voters of a closed station", unit="voters", gt=0)
    urban_to_rural: float = setting(2.0, "assumed", "an urban station serves twice the voters of a rural one", gt=0)
    size_spread: float = setting(0.6, "assumed", "standard deviation of the logarithm of station size", ge=0, le=2)
    largest: int = setting(
        3000, "assumed", "legal ceiling of a precinct's list; the article was not seen", unit="voters", ge=1
    )
    territory: int = setting(30, "prototype", "stations under one territorial commission", unit="stations", ge=1)


class NetworkSettings(Strict):
    """How many ties of each reach; ten in all is the order found for political discussion networks."""

    local: int = setting(3, "assumed", "neighbours on each side of the ring inside the settlement", ge=0, le=7)
    regional: int = setting(1, "assumed", "permutations within the region, two ties each", ge=0, le=7)
    national: int = setting(1, "assumed", "permutations across the country, two ties each", ge=0, le=7)


class PopulationSettings(Strict):
    """Sampled voters and their synthetic attributes; marks as in docs/odd.md."""

    voters: int = setting(20_000, "assumed", "sampled voters; sampling error is shown", unit="rows", ge=1)
    region_shift: float = setting(0.5, "prototype", "standard deviation of regional means of positions", ge=0)
    locality_shift: float = setting(0.4, "prototype", "standard deviation of means of positions by settlement", ge=0)
    clusters: int = setting(5, "prototype", "clusters of opinion", ge=1, le=50)
    cluster_spread: float = setting(0.8, "assumed", "standard deviation of cluster centres", ge=0)
    titular_on_nation: float = setting(0.6, "assumed", "mean shift on the nation axis between ethnic groups")
    state_dependent: Share = setting(0.22, "assumed", "state employees and students among adults")
    belief_mean: Share = setting(
        0.549,
        "sourced",
        "agree that elections are a real step to democracy, Demoscope + PaperLab, March 2023 (a proxy)",
    )
    belief_spread: float = setting(1.0, "assumed", "standard deviation of the logit of belief", ge=0)
    grievance_mean: Share = setting(0.27, "assumed", "typical grievance before shocks")
    grievance_spread: float = setting(1.0, "assumed", "standard deviation of the logit of grievance", ge=0)
    habit_spread: float = setting(0.8, "assumed", "standard deviation of the habit of voting, logits", ge=0)
    habit_age: float = setting(0.3, "assumed", "habit gained per age band, logits")
