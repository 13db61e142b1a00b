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
# # Threshold or discretion? Predict first, then see
#
# In some countries hardly any new party of the opposition is ever registered. Two things can keep it out:
#
# - the **written threshold**: the law asks for so many members, so many of them in every region, that few can meet
#   it;
# - the **registrar's discretion**: whoever decides on the papers refuses those it does not trust, whatever is in
#   them, or has their lists checked until too few names are left.
#
# A reform can touch the one, the other, or both. Which of them keeps parties out? Before you see any result you
# will write down what you expect. A result is easy to agree with once one has read it; a prediction can be wrong.
#
# The runs are simulations. They compare worlds that differ in one or two things, and forecast nothing. Real parties
# and groups are named by real names, but nothing below happened. Work through it from top to bottom; it runs in
# less than a minute.

# %%
import textwrap

import pandas as pd

import sim

pd.set_option("display.max_colwidth", None)

# %% [markdown]
# ## 1. The written threshold
#
# What the law of Kazakhstan asked for, as far as it is known (this figure is sourced, not simulated):

# %%
sim.figures.law_timeline("kazakhstan", ["registration.members", "registration.members_per_region"])

# %% [markdown]
# The number on paper came down to a fraction of what it was. *In effect* it came down less: who recruits evenly
# over the country needs far more than the 5,000, or the smallest region does not have its 200. And discretion has
# no line in this figure, as no law says how much of it there is.
#
# ## 2. The design
#
# Four worlds, two by two, on the election of 2023:
#
# | | registrar as it was | registrar bound by the law |
# |---|---|---|
# | **members: 5,000, with 200 in every region** | `kz-2023` | `kz-2023-bound-registrar` |
# | **members: 500, no minimum by region** | `kz-2023-members-500` | `kz-2023-members-500-bound-registrar` |
#
# Only the numbers of members change from one row to the other, and from one column to the other the registrar stops
# refusing those it distrusts and checks all lists alike. The initiative group and the founding congress that the
# law also asks for stay, and so do media, fear, and the threshold that a list must pass to win seats.
#
# Each world is run several times. Repetition 3 has the same people, the same founders and the same luck in all
# four, so that differences are taken repetition by repetition. And everything is run twice, because the official
# totals of 2023 fit two stories: hardly any manipulation of the count (level `low`) or much of it (`high`). The
# totals cannot tell them apart.
#
# The project has the same design at full size as an experiment, with its question and its estimand written down
# before the runs:

# %%
experiment = sim.load_experiment("threshold-and-discretion")
print(textwrap.fill(f"Question: {experiment.question}", 100), "\n")
print(textwrap.fill(f"Estimand: {experiment.estimand}", 100))

# %% [markdown]
# ## 3. Predict
#
# Write down, for each change, by how much it changes two things per election:
#
# - `parties`: how many new parties that oppose the regime, softly or hard, are registered;
# - `seats`: the share of seats that such parties win, old and new, in percentage points (there are 98 seats, so one
#   point is about one seat).
#
# The numbers below are nobody's opinion. They say that the two changes matter equally and that their effects add
# up, which is what one assumes without noticing when one asks "which of the two is it?". **Replace them with
# yours**, and write one sentence on why.

# %%
predictions = {
    "500 members": {"parties": 1, "seats": 2},
    "registrar bound": {"parties": 1, "seats": 2},
    "both": {"parties": 2, "seats": 4},
}
because = "Each lock holds half of the door."

# %% [markdown]
# From the three follows a fourth. If what both do together is more than the sum of what each does alone, they
# *interact*: each is worth more where the other is done too. (If it is less, each can stand in for the other.)
#
# **Interaction = both - first alone - second alone**, all three as changes from the world as it was.

# %%
predicted = pd.DataFrame(predictions).T


def with_interaction(table):
    """Changes, in the order first, second, both, and the interaction that follows from them."""
    first, second, both = (table.iloc[i] for i in range(3))
    return pd.concat([table, (both - first - second).rename("interaction").to_frame().T])


with_interaction(predicted)

# %% [markdown]
# ## 4. Run
#
# Small on purpose: 3,000 voters where the default is 20,000, and 8 repetitions where the experiment has 40. That is
# enough to see what is large.

# %%
VOTERS, REPETITIONS = 3_000, 8


def small(scenario, level):
    """The same scenario with fewer voters, under one level."""
    called = {"name": scenario.name, "title": scenario.title}
    return scenario.vary("population.voters", VOTERS, **called).vary("level", level, **called)


four = ["kz-2023", "kz-2023-members-500", "kz-2023-bound-registrar", "kz-2023-members-500-bound-registrar"]
scenarios = [small(sim.load(name), level) for name in four for level in ("low", "high")]
# Leave out progress=False and a bar shows how far it is; workers are processes, and change the time, never a number.
runs = sim.run(scenarios, replications=REPETITIONS, workers=2, progress=False)

# %% [markdown]
# ## 5. Which groups become parties?
#
# First the plain means, laid out like the design:

# %%
MEASURES = {"parties": ("registered_new_disloyal", 1), "seats": ("autonomous_seat_share_middle", 100)}


def two_by_two(runs, worlds, what, rows, columns):
    """Means an election; worlds: neither change, the first (rows), the second (columns), both."""
    measure, scale = MEASURES[what]
    means = scale * runs.to_frame("runs").groupby(["level", "scenario"])[measure].mean()
    cells = {
        (f"level {level}", columns[j]): {rows[i]: means[level, worlds[i + 2 * j]] for i in range(2)}
        for level in runs.levels
        for j in range(2)
    }
    return pd.DataFrame(cells).round(2)


law = ["5,000 members", "500 members"]
registrar = ["registrar as it was", "registrar bound"]
two_by_two(runs, four, "parties", law, registrar)

# %% [markdown]
# Now the differences, paired by seed, with 95 % intervals, and your predictions beside them:

# %%
TWO_DECIMALS = "+.2f"


def beside(predicted, runs, worlds, what):
    """Predicted and simulated changes; worlds: neither change, first, second, both."""
    measure, scale = MEASURES[what]
    base, first, second, both = worlds
    found = sim.compare(runs, measure, against=base, interactions=[(first, second, both)]).to_frame()
    table = with_interaction(predicted)[[what]].rename(columns={what: "you said"})
    for level in runs.levels:
        rows = found[found["level"] == level].set_index(["kind", "scenario"])
        changes = [rows.loc["difference", world] for world in (first, second, both)] + [rows.loc["interaction", both]]
        table[f"simulated ({level})"] = [shown(change, scale) for change in changes]
        table[f"you were ({level})"] = [
            judged(said, change, scale) for said, change in zip(table["you said"], changes, strict=True)
        ]
    return table


def shown(change, scale):
    """A mean change with its interval; without one where all repetitions changed alike."""
    mean, low, high = (f"{scale * change[name]:{TWO_DECIMALS}}" for name in ("difference", "low", "high"))
    return f"{mean} in every repetition" if change["same"] else f"{mean} [{low}, {high}]"


def judged(said, change, scale):
    """Where a prediction lies of the interval."""
    if scale * change["low"] <= said <= scale * change["high"]:
        return "within"
    return "too high" if said > scale * change["high"] else "too low"


beside(predicted, runs, four, "parties")

# %% [markdown]
# Read the last row. An interaction near 0 says that the effects add up and that "how much of it is the threshold?"
# has an answer. If it is about as large as the effect of both, the question has none: each lock holds the door
# alone, and whoever opens only one will find that nothing happens and may conclude, wrongly, that this lock did not
# matter.
#
# How that comes about is easier to see step by step. The figure follows the groups from the day they form to their
# registration:

# %%
sim.figures.funnel(runs, "high")

# %% [markdown]
# *See* where each line falls in each world. With fewer members to find, more groups try at all; at which step do
# they end? With a registrar who is bound, which step is left to stop them? *It cannot tell* what real founders
# would do: how many try, and how soon they give up, are rules of the model. Who they are says how much hangs on
# those rules: some groups are on record and act here as the model has it, others are made up because somebody might
# have tried. New opposition parties an election (a world with none is not listed):

# %%
answers = runs.to_frame("decisions")
opposed = answers["conduct"].isin(["soft_opposition", "hard_opposition"])
new = answers[opposed & (answers["outcome"] == "registered")]
known = new["origin"].map({"case": "on record", "latent": "made up"})
pd.crosstab([new["level"], new["scenario"]], known) / REPETITIONS

# %% [markdown]
# ## 6. Which parties win seats?
#
# A registered party may put up a list. The same tables for seats, in percent of all:

# %%
two_by_two(runs, four, "seats", law, registrar)

# %%
beside(predicted, runs, four, "seats")

# %%
sim.figures.forest(runs, MEASURES["seats"][0], against="kz-2023")

# %% [markdown]
# *See* how much of what happened at the registrar's desk arrives in the chamber. Between the two stand a threshold
# of 5 %, media that hardly mention newcomers, and the votes that people do not want to waste. *It cannot tell*
# small effects from none: a change that comes in one election of ten can well be missed in eight repetitions. Where
# an interval is wide or rests on few repetitions, say so rather than choose a side;
# `print(sim.compare(runs, against="kz-2023"))` prints notes on where that is.
#
# ## 7. The same question in an invented country
#
# Is this about Kazakhstan? Tebria does not exist. It has five regions, seven old parties, and a record that is
# invented too (docs/textbook.md). `textbook-managed` is Tebria with high barriers and every practice on: a party
# needs 21,000 members with 900 in every region, out of five million voters, and the registrar refuses whom it does
# not trust. The two changes are the same in kind:
#
# | | registrar as it was | registrar bound by the law |
# |---|---|---|
# | **members: 21,000, with 900 in every region** | `textbook-managed` | `textbook-managed-bound-registrar` |
# | **members: 1,000, no minimum by region** | `textbook-managed-members-1000` | `textbook-managed-members-1000-bound` |
#
# Tebria's opposition is stronger: four of its seven old parties. *Predict again*, now that you have seen one
# country. (The numbers below once more say: half and half, and it adds up.)

# %%
predictions_tebria = {
    "1,000 members": {"parties": 1, "seats": 2},
    "registrar bound": {"parties": 1, "seats": 2},
    "both": {"parties": 2, "seats": 4},
}
because_tebria = "As before."
predicted_tebria = pd.DataFrame(predictions_tebria).T

# %% [markdown]
# Two of the four worlds ship with the program; the others are made from them with `vary`. The level is `high`, as
# the scenario has it: somebody leans on a third of the commissions. What happens at the registrar's desk comes long
# before the count.

# %%
easier = {"members": 1_000, "members_per_region": 0}
managed, bound = sim.load("textbook-managed"), sim.load("textbook-managed-bound-registrar")
tebria = [
    managed,
    managed.vary("law.registration", easier, name="textbook-managed-members-1000"),
    bound,
    bound.vary("law.registration", easier, name="textbook-managed-members-1000-bound"),
]
worlds = [scenario.name for scenario in tebria]
runs_tebria = sim.run([small(s, "high") for s in tebria], replications=REPETITIONS, workers=2, progress=False)
two_by_two(runs_tebria, worlds, "parties", ["21,000 members", "1,000 members"], registrar)

# %%
beside(predicted_tebria, runs_tebria, worlds, "parties")

# %% [markdown]
# And the seats, in percent of all:

# %%
two_by_two(runs_tebria, worlds, "seats", ["21,000 members", "1,000 members"], registrar)

# %%
beside(predicted_tebria, runs_tebria, worlds, "seats")

# %% [markdown]
# *See* whether the pattern is the same where the numbers are not. *It cannot tell* that the pattern is general.
# Both countries run on the same program, with the same rules for how people recruit, refuse and vote. Where they
# agree they may agree because of that. Tebria shows that the result does not hang on the regions, parties and
# totals of Kazakhstan, and nothing more.
#
# ## 8. For the seminar
#
# What you wrote before you knew:

# %%
print(f"Kazakhstan: {because}")
print(f"Tebria:     {because_tebria}")

# %% [markdown]
# 1. Look at your predictions. Which was furthest off, and what had you not thought of? Was it a wrong number or a
#    wrong idea of how the two locks work together?
# 2. A government lowers the number of members and registers nobody new. A newspaper writes: "The threshold was
#    never the problem." A minister says: "There is simply no demand for other parties." What does the design say to
#    each of them?
# 3. You may ask for *one* reform, and you know that the other will not come. Which would you choose, and does your
#    answer change if the other may come in five years? What would one have to observe in a real country to learn
#    whether it did anything?
# 4. In the model the ministry's mind can be switched off. What, in law or institutions, would come closest to
#    `discretion = 0`? A deadline? Reasons in writing? A court? Another ministry?
# 5. Registered parties are easy to count, and reports like to count them. What would an indicator of pluralism have
#    to count so that it is not fooled by sections 5 and 6?
# 6. Which further lock stands between registration and seats? Choose one (`law.list.threshold`,
#    `practice.media_closure`), predict, `vary` it on `kz-2023-members-500-bound-registrar`, and run it.
#    docs/textbook.md, lesson 2, goes on from here.
# 7. "500 members" left the initiative group and the founding congress in place. Is what you varied then *the*
#    written threshold? Design the comparison you would rather have.
#
# ## 9. What this design cannot tell
#
# - **What discretion did in fact.** The rule for whom the ministry refuses was fitted, roughly, to the few groups
#   on record since 1999, and part of how it checks lists is assumed. The design says what would follow *if* it
#   works like this.
# - **How many would try.** Groups that never existed because it was hopeless are made up, by a rule.
# - **What others would do.** Nobody answers a reform here. A real government that loses one lock may fit another.
# - **The second election.** New parties take part once. Whether they learn, merge, or are bought off is beyond the
#   run.
# - **The uncertainty that matters.** The intervals cover the luck of the draw among these repetitions. They do not
#   cover that a rule of the model may be wrong, and two levels vary one assumption of many (docs/parameters.md
#   lists them).
# - **More.** `majilis batch threshold-and-discretion` runs the experiment at full size in a few minutes, and
#   `majilis figures` draws it. Here, set `VOTERS` to 20,000 and `REPETITIONS` to 40.
