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
# # Knowing the truth: what can tests on protocols see?
#
# After an election there are protocols, one from every polling station, and people look in them for traces of fraud:
# round figures, turnout that rises together with one party's share, stations where observers stood beside those where
# nobody did. In a real country nobody knows what really happened, so nobody knows whether such a test was right. In a
# simulation we do. Here we hold elections ourselves, keep the true ballots beside the protocols, and ask what the
# tests say.
#
# The country is invented. **None of the tests measures fraud**, here or anywhere: each compares protocols with a
# picture of honest stations, and an alarm says only that the picture does not fit.

# %%
import pandas as pd

import sim

pd.set_option("display.max_colwidth", None)

# %% [markdown]
# ## 1. One election, two counts
#
# Tebria holds an election in which commissions do what they are told (`textbook-managed`), with an observer at every
# fifth station. One run, with the rows of its stations kept.

# %%
spec = sim.load("textbook-managed").vary("mechanism.observers.share", 0.2, name="watched")
runs = sim.run([spec], replications=1, workers=1, stations="all", progress=False)
stations = runs.to_frame("stations")
stations[["voters", "true_cast", "true_leader", "stuffed", "stolen", "cast", "leader", "official_leader"]].head()

# %% [markdown]
# Every ballot can be followed: what voters did (`true_`), what was added, moved or rewritten, what the protocol says,
# and what the level above wrote. It adds up, station by station:

# %%
added = stations["brought"] + stations["carousel"] + stations["stuffed"]
adds_up = stations["leader"] == stations["true_leader"] + added + stations["stolen"] + stations["rewritten_leader"]
print("adds up at", int(adds_up.sum()), "of", len(stations), "stations")

sums = stations[["true_leader", "true_cast", "official_leader", "cast"]].sum()
print(f"true share      {100 * sums['true_leader'] / sums['true_cast']:.1f} %")
print(f"official share  {100 * sums['official_leader'] / sums['cast']:.1f} %")

# %% [markdown]
# ## 2. What an analyst would see
#
# An analyst has the protocols only. **Before you run the next cell**: which tests will speak up? Which will stay
# silent although something was done at many stations?

# %%
published = pd.DataFrame(
    {
        "region": stations["region"],
        "territory": stations["territory"],
        "station": stations["station"],
        "voters": stations["voters"],
        "cast": stations["cast"],
        "leader": stations["official_leader"],
        "observed": stations["observed"].astype(int),
    }
)
told = sim.forensics(published)
print(told.to_text())

# %% [markdown]
# The same tests on the ballots as voters left them. Whatever speaks up *here* was never about fraud:

# %%
honest = published.assign(cast=stations["true_cast"], leader=stations["true_leader"])
really = sim.forensics(honest)


def row(test):
    """What a test says of protocols and of true ballots."""
    return {"test": test, "protocols": told[test].estimate, "true ballots": really[test].estimate}


pd.DataFrame([row(t) for t in ("integer_peaks", "shpilkin", "turnout_share", "last_digit", "observers")]).round(3)

# %% [markdown]
# ## 3. A thousand elections
#
# One election proves little. The study behind the next figure held thousands: honest ones and ones in which one
# thing was done at a known share of stations, in a country whose stations are alike and in one whose villages are
# honestly 10 points higher on turnout and on the leader's share.

# %%
numbers = "../results/reference/forensics-power.csv"
sim.figures.detection_power(numbers)

# %% [markdown]
# Read it row by row. **Top**: every test has its kind and is blind to others. **Middle**: the same, but villages
# differ. Look at 0: nobody did anything there. **Bottom**: what the tests could do if somebody gave us honest elections
# of the same country to compare with. Nobody can.

# %%
power = pd.read_csv(numbers)
trap = power[(power["kind"] == "honest")].pivot_table(index="test", columns="gap", values="above_alike")
trap.columns = ["stations alike", "villages 10 points higher"]
trap.round(0).rename_axis("honest elections called suspicious, %")

# %% [markdown]
# ## 4. Questions
#
# 1. A newspaper prints "41 % of the votes were fraudulent" from Shpilkin's method. What would you have to know about
#    town and country before you believed it?
# 2. Observers are sent to stations at random, and the leader has 8 points less there. Some of what they prevented
#    moved to stations next door. Is the true effect larger or smaller than 8 points?
# 3. Fifty ballots of 4,233 changed sides *after* the protocols were signed. Which of the tests above sees this at one
#    territory in ten? What would?
# 4. All tests are silent. What do you know?
