# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     notebook_metadata_filter: -jupytext.text_representation.jupytext_version
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Ten minutes with Majilis
#
# Majilis simulates elections that are held, and won in advance. This notebook loads one, changes something, runs
# both versions a few times, compares them, and then looks inside: why was one group refused, and why did one voter
# vote as they did?
#
# You need to know a little Python and nothing about agent-based models. Everything runs in under a minute, because
# it is kept small: few simulated voters and few repetitions. That is enough to learn how it works and too little
# for a paper; the last section says how to do more.
#
# Three things to know before you look at any number:
#
# - **It compares, it does not forecast.** The question is always: if one thing were different and everything else
#   the same, what would change?
# - **`low` and `high` are two readings of the same official result.** The official totals of 2023 can come about
#   with hardly any manipulation of the count (`low`) or with much of it (`high`). The model is fitted to the totals
#   under both assumptions, and the totals cannot tell which one is true. So everything is run under both.
# - **Parties and groups are real names, what they do here is simulated.** Nothing below happened, and nothing below
#   is evidence about any party, group, region or polling station.

# %%
import textwrap
import warnings

import numpy as np
import pandas as pd

import sim

pd.set_option("display.max_colwidth", None)  # show reasons in full
warnings.filterwarnings("ignore", message="IProgress not found")  # of a progress bar that is not used here

# %% [markdown]
# ## 1. Load an election and look at it
#
# A *scenario* is one configured world: the law it amends, the practices it follows, and the mechanisms that answer.
# `kz-2023` is the parliamentary election of March 2023 under the law and the practice of its day.
# (`majilis scenarios` in a terminal lists all that ship.)

# %%
base = sim.load("kz-2023")
print(base.title)
print(f"{base.years_before} years before the election, {base.population.voters:,} voters, level {base.level}")

# %% [markdown]
# The *practices* are the levers of managed elections, each between 1 (as it was) and 0 (switched off). In `kz-2023`
# every one is 1. How much a practice at full strength does is another matter: it is set in `base.mechanism`, and
# most of that is assumed.

# %%
pd.Series(base.practice.model_dump(), name="strength").to_frame()

# %% [markdown]
# ## 2. Vary a setting
#
# `vary` gives a copy in which one thing is different. Here the registrar, who is the Ministry of Justice, applies
# the written law and nothing else: it refuses nobody for what they think, and checks the lists of all groups alike.

# %%
bound = base.vary(
    "practice",
    {"discretion": 0, "audit_zeal": 0},
    name="registrar-bound",
    title="Kazakhstan 2023, registrar bound by the law",
)

# %% [markdown]
# What cannot be meant is refused, with the nearest thing that can:

# %%
try:
    base.vary("practice.discretoin", 0)
except sim.InputError as fault:
    print(textwrap.fill(str(fault), 100))

# %% [markdown]
# And as the other end of the scale a scenario that ships with the program: every written barrier down, every
# practice off. That is no picture of a free election: it is the first one of a society in which anybody may found a
# party, before voters and defeat have thinned the field. Read its direction, not its numbers.

# %%
everything_open = sim.load("kz-2023-open")

# %% [markdown]
# ## 3. Run a few
#
# Three scenarios, two levels, eight repetitions. Repetition 3 has the same people, the same founders of parties and
# the same luck in every scenario: what differs between them is then what the change did. That is why few
# repetitions go a long way.
#
# The full size is 20,000 voters and 20 repetitions. This takes a fifth of the voters.

# %%
VOTERS, REPETITIONS = 4_000, 8


def small(scenario, level):
    """The same scenario with fewer voters, under one reading of the official totals."""
    called = {"name": scenario.name, "title": scenario.title}
    return scenario.vary("population.voters", VOTERS, **called).vary("level", level, **called)


scenarios = [small(scenario, level) for scenario in (base, bound, everything_open) for level in ("low", "high")]
# Leave out progress=False and a bar shows how far it is; workers are processes, and change the time, never a number.
# Results stay in a temporary folder for as long as `runs` exists; into="results/ten-minutes" keeps them.
runs = sim.run(scenarios, replications=REPETITIONS, workers=2, progress=False)

runs.to_frame("runs").groupby(["scenario", "level"], sort=False)[["groups", "registered_new", "lists_on_ballot"]].mean()

# %% [markdown]
# A mean an election: groups that set out to become parties, how many of them were registered, and lists on the
# ballot. Other tables are `parties`, `decisions`, `funnel`, `regions`, `stations` and `months`.
#
# ## 4. Compare, paired by seed
#
# Each scenario minus `kz-2023`, repetition by repetition. Three outcomes:
#
# - `registered_new_disloyal`: new parties registered that oppose the regime, softly or hard;
# - `autonomous_seat_share_middle`: share of seats won by those parties, old and new (between a stricter and a
#   broader coding);
# - `enp_seats`: effective number of parties by seats, the usual measure of fragmentation.

# %%
outcomes = ["registered_new_disloyal", "autonomous_seat_share_middle", "enp_seats"]
comparison = sim.compare(runs, outcomes, against=base)
print(comparison)

# %% [markdown]
# How to read a line: the mean of the scenario, its difference from `kz-2023`, an interval for that difference, and
# in how many repetitions it was higher. What the interval covers is the luck of the draw in *this* model with
# *these* assumptions. It does not cover that an assumption may be wrong, and most assumptions cannot be checked:
# that is what the two levels stand for, and they stand for only one of them. The notes under the table say where
# even the interval should not be leant on.
#
# `comparison.to_frame()` gives the numbers, `to_latex()` a table for a paper.
#
# ## 5. Three figures
#
# A forest plot shows one block of the table: how far each scenario is from `kz-2023`.

# %%
sim.figures.forest(runs, "autonomous_seat_share_middle", against=base)

# %% [markdown]
# *See* how far one reform goes beside all of them together, and, with the table, whether parties that are
# registered also win seats. *It cannot tell* which of the many things that `kz-2023-open` changes does the work;
# for that each has to be moved alone and together with others.
#
# One chamber, a dot a seat:

# %%
sim.figures.hemicycle(runs, base.name, "low")

# %% [markdown]
# *See* what a mean hides: who sits there. *It cannot tell* what is typical, as it is one election of many. And
# colours are only there to be told apart.
#
# What voters did and what was announced, region by region, under both readings:

# %%
sim.figures.true_official(runs, base, value="leader_share")

# %% [markdown]
# *See* that the official axis is much the same left and right, and the true one is not: both readings end near the
# same announced result and disagree about what lies behind it. *It cannot tell* which is right, nor anything about
# a real region; that is why the regions have no names here.
#
# ## 6. Look inside one refusal
#
# Every answer of the Ministry is in the table `decisions`. Let us find the opposition group that was given the most
# different grounds in one of the repetitions of `kz-2023`:

# %%
answers = runs.to_frame("decisions")
refusals = answers[
    (answers["scenario"] == base.name)
    & (answers["level"] == "low")
    & (answers["outcome"] == "refused")
    & answers["conduct"].isin(["soft_opposition", "hard_opposition"])
]
told = refusals.assign(grounds=refusals["grounds"].map("; ".join)).groupby(["replication", "group"])["grounds"]
most = told.agg(grounds="nunique", refusals="size").sort_values(["grounds", "refusals"], ascending=False, kind="stable")
most.head()

# %% [markdown]
# The batch keeps tables, not people. But it keeps the seeds, and with the same seeds the same election runs again,
# this time in memory, where everything can be looked at.

# %%
replication, key = most.index[0]
table = runs.to_frame("runs").set_index(["scenario", "level", "replication"])
stored = table.loc[base.name, "low", replication]
seeds = {"society": int(stored["society"]), "history": int(stored["history"])}

election = sim.ElectionModel(small(base, "low"), **seeds).run()
again = election.outcome.measures()
print(f"effective parties in the batch {stored['enp_seats']:.4f}, and now {again['enp_seats']:.4f}")

# %% [markdown]
# (Groups called by a month are ones that nobody listed; where founding a party looks possible, somebody tries.)

# %%
group = election.parties[key]
print(f"SIMULATED, did not happen: {group.name} ({group.conduct.replace('_', ' ')})")


def asked(answer):
    """The names that the law of the day asked for: founders with the notice, then members."""
    law = election.rules_on(answer.filed).registration
    return law.initiative_group if answer.stage == "notice" else law.members


pd.DataFrame(
    {
        "filed": answer.filed,
        "answered": answer.decided,
        "papers": answer.stage,
        "names asked": asked(answer),
        "accepted": answer.accepted_names,
        "answer": answer.outcome,
        "every ground given": "; ".join(answer.reasons),
        "the law alone": "lets it pass" if answer.discretionary or not answer.reasons else "refuses",
    }
    for answer in group.decisions
)

# %% [markdown]
# Each row is one answer. The law asks first for a notice by a group of founders, then for a list of members. *Every
# ground given* is what the group is told. *The law alone* is what nobody in the country can know and we can:
# whether the same papers would have passed if the names had been checked as they are for everybody else, and nobody
# had minded who was asking. A refusal can cite a number of names and still be one of discretion: a harsher check
# had struck out the others.
#
# The chronicle of the run has the same story with its surroundings:

# %%
for event in election.chronicle:
    if group.name in event.text:
        print(textwrap.fill(f"{event.day}  {event.text}", 100, subsequent_indent=" " * 12))

# %% [markdown]
# The same group, the same seeds, and a registrar bound by the law:

# %%
fair = sim.ElectionModel(small(bound, "low"), **seeds).run()
for event in fair.chronicle:
    if group.name in event.text:
        print(textwrap.fill(f"{event.day}  {event.text}", 100, subsequent_indent=" " * 12))

# %% [markdown]
# *See* whether the law alone would have been enough to stop it, and where. *It cannot tell* why a real group with
# this name was refused. The registrar's mind is a rule we wrote down, with assumed numbers.
#
# ## 7. Look inside one voter
#
# A voter is a row with columns. Take the first one who went to the polls and had heard of the refused group.
# (`aware` has a bit for every party a voter has heard of.)

# %%
electorate, options = election.electorate, election.outcome.options
voter = electorate[int(np.flatnonzero(electorate.turned_out & election.opinion.knows(group))[0])]
region = electorate.geography.regions[voter.region].name
axes = ("economy", "nation", "accountability")

kind = "urban" if voter.urban else "rural"
print(f"row {voter.row}: stands for {voter.weight:,.0f} persons, {kind}, {region}")
print(", ".join(f"{axis} {place:+.2f}" for axis, place in zip(axes, voter.position, strict=True)))
print(f"grievance {voter.grievance:.2f}, belief that the count was honest {voter.belief:.2f} (both from 0 to 1)")

# %% [markdown]
# Positions are in standard deviations from the middle of the electorate. What this voter has heard of, and what it
# makes of it: `distance` is how far a party stands from the voter, `chance` how likely the voter was to mark that
# list once at the polls. The nearest party need not be the likeliest. Parties also differ in appeal, voters do not
# like to waste a vote on a list that will fail the threshold, and nobody can vote for a party that is unknown or
# not on the ballot.

# %%
worth = election.wishes.utility(np.array([voter.row]))[0]  # minus infinity where a list is not known
chance = dict(zip(options, np.exp(worth) / np.exp(worth).sum(), strict=True))


def said(voter):
    """What a voter did on election day, in words."""
    if not voter.turned_out:
        return "stayed at home"
    chosen = options[voter.choice]
    return "against all" if chosen == "against_all" else election.parties[chosen].name


offers = pd.DataFrame(
    {
        "party": party.name,
        "conduct": party.conduct.replace("_", " "),
        "on the ballot": "yes" if party.on_ballot else "no",
        "heard of": "yes" if election.opinion.knows(party)[voter.row] else "no",
        "distance": round(float(np.linalg.norm(voter.position - party.position)), 2),
        "chance": f"{chance[party.key]:.0%}" if party.on_ballot else "",
        "chosen": "here" if options[voter.choice] == party.key else "",
    }
    for party in election.parties.values()
    if party.on_ballot or election.opinion.knows(party)[voter.row]
)
if "against_all" in chance:
    print(f"chance to vote against all: {chance['against_all']:.0%}")
print(f"on the day: {said(voter)}")
offers.sort_values("distance").reset_index(drop=True)

# %% [markdown]
# And the people this voter talks to. Word of a party passes along these ties; a party that is kept off the screens
# is known only where somebody tells.

# %%
pd.DataFrame(
    {
        "neighbour": other.row,
        "region": electorate.geography.regions[other.region].name,
        "accountability": round(float(other.position[2]), 2),
        f"heard of {group.name}": "yes" if election.opinion.knows(group)[other.row] else "no",
        "on the day": said(other),
    }
    for other in voter.neighbours
)

# %% [markdown]
# *See* that a vote here has causes one can name: what a person wants, knows, fears to waste, and hears. *It cannot
# tell* about any person. These people are drawn from margins (age, town and village, language, belief) and assumed
# opinions.
#
# ## What now
#
# - **More.** Set `VOTERS` to 20,000, which is the default, and `REPETITIONS` to 20 or more, and put the results
#   into a folder: `sim.run(..., into="results/mine")`. A batch that was stopped goes on where it was.
# - **The same from a terminal.** `majilis batch which-reform-first`, then
#   `majilis figures results/which-reform-first`; and `majilis explain kz-2023 "Alga Qazaqstan"` tells of any group
#   what section 6 told of one.
# - **Your own question.** `02-threshold-or-discretion` asks you to predict first. Scenario files are a few lines
#   long; the README shows one.
# - **How far to trust it.** docs/calibration.md says what was fitted, what was tested, and what is missed;
#   docs/parameters.md marks every number as sourced, calibrated, taken from the prototype, or assumed.
