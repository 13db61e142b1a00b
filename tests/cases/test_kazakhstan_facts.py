"""The facts of Kazakhstan's elections agree, carry their sources, and were knowable when they say so."""

from __future__ import annotations

import csv
import re
import tomllib
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sim import cases
from sim.actors import roster
from sim.law.parameter import Period
from sim.law.regions import Regions
from sim.law.timeline import REGIONS_FILE, Law

FOLDER = cases.folder("kazakhstan")
EVENTS = tomllib.loads((FOLDER / "events.toml").read_text("utf-8"))
CONTENT = tomllib.loads((FOLDER / "parties.toml").read_text("utf-8"))
PARTIES: dict[str, dict[str, Any]] = {entry["key"]: entry for entry in CONTENT["party"]}
with (FOLDER / "elections.csv").open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines))
ELECTIONS = ("1999", "2004", "2007", "2012", "2016", "2021", "2023")
NUMBERS = (
    "ordinal",
    "stations",
    "invalid",
    "observers",
    "lowest_turnout",
    "self_nominated",
    "lists_close",
    "round_two",
)
LAW = Law.load(FOLDER)
BLOCS = {bloc["key"]: bloc for election in EVENTS["election"].values() for bloc in election.get("bloc", ())}
PARTY_KEYS = {
    "key", "name", "aliases", "kazakh", "russian", "registered", "formed", "sponsored", "economy", "nation",
    "accountability", "conduct", "known_on", "ended", "into", "names",
}  # fmt: skip


def day_of(election: str) -> date:
    return date.fromisoformat(EVENTS["election"][election]["day"])


def rows(election: str, variable: str) -> dict[str, float]:
    """Value by party, "" where it is of the whole country."""
    return {r["party"]: float(r["value"]) for r in ROWS if (r["election"], r["variable"]) == (election, variable)}


def members(key: str) -> list[str]:
    """The parties behind a line of the ballot."""
    return list(BLOCS[key]["parties"]) if key in BLOCS else [key]


def listed(election: str) -> list[str]:
    """The parties that stood with a list, those of blocs one by one."""
    return [party for key in rows(election, "votes") for party in members(key)]


def standing(day: date) -> set[str]:
    """Parties surely registered on a day: registered by its eve at the latest, not ended before it at the earliest."""
    return {
        key
        for key, entry in PARTIES.items()
        if "registered" in entry
        and Period.read(entry["registered"]).last < day
        and ("ended" not in entry or Period.read(entry["ended"]).first >= day)
    }


# ------------------------------------------------------------------------------------------------ parties


def test_every_key_is_unique_and_ends_in_a_year() -> None:
    keys = [entry["key"] for entry in CONTENT["party"]]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*_(19|20)\d\d", key) for key in keys)


def test_no_spelling_means_two_parties() -> None:
    spelled: dict[str, set[str]] = defaultdict(set)
    for key, entry in PARTIES.items():
        former = [name["name"] for name in entry.get("names", ())]
        for text in (key, entry["name"], *entry.get("aliases", ()), *former):
            spelled[text.casefold()].add(key)
    assert {text: keys for text, keys in spelled.items() if len(keys) > 1} == {}


@pytest.mark.parametrize("key", PARTIES)
def test_a_party_has_only_known_entries_and_notes_on_entries_of_the_same_name(key: str) -> None:
    for name in PARTIES[key]:
        assert name in PARTY_KEYS or name.removesuffix("_note") in {*PARTY_KEYS, "position"}, name


@pytest.mark.parametrize("key", PARTIES)
def test_a_party_is_registered_or_formed_and_has_a_position_and_a_sourced_conduct(key: str) -> None:
    entry = PARTIES[key]
    assert "registered" in entry or "formed" in entry
    assert all(entry[axis] in CONTENT["scale"][axis] for axis in ("economy", "nation", "accountability"))
    assert entry["conduct"]
    for coded in entry["conduct"]:
        assert coded["source"]
        assert coded["class"] in {"party_of_power", "pro_regime", "soft_opposition", "hard_opposition", "unknown"}
    since = [Period.read(coded["since"]).first for coded in entry["conduct"]]
    assert since == sorted(since)


@pytest.mark.parametrize("key", PARTIES)
def test_a_life_runs_forward_and_says_where_its_end_is_from(key: str) -> None:
    entry = PARTIES[key]
    began = Period.read(entry.get("registered", entry.get("formed")))
    if "into" in entry:
        assert "ended" in entry
    if "ended" in entry:
        assert entry["ended_note"]
        assert began.midpoint < Period.read(entry["ended"]).midpoint
    until = [Period.read(name["until"]).midpoint for name in entry.get("names", ())]
    assert until == sorted(until)
    assert all(began.first < day for day in until)


def test_a_registered_party_notes_where_its_day_is_from_unless_it_names_the_year_alone() -> None:
    bare = [key for key, entry in PARTIES.items() if "registered" in entry and "registered_note" not in entry]
    assert all(len(PARTIES[key]["registered"]) == 4 for key in bare), bare


@pytest.mark.parametrize("key", [key for key in PARTIES if "into" in PARTIES[key]])
def test_a_merged_party_has_an_heir_that_outlived_it(key: str) -> None:
    entry = PARTIES[key]
    heir = PARTIES[entry["into"]]
    ended = Period.read(entry["ended"])
    assert (
        Period.read(heir["registered"]).first <= ended.last or heir["key"] == "rukhaniyat_2003"
    )  # founded after a gap
    if "ended" in heir:
        assert Period.read(heir["ended"]).first > ended.first


def test_registered_parties_stand_in_the_file_in_order_of_registration() -> None:
    days = [Period.read(entry["registered"]).midpoint for entry in CONTENT["party"] if "registered" in entry]
    assert days == sorted(days)


def test_groups_that_were_never_registered_come_last_and_carry_the_day_from_which_they_are_known() -> None:
    whether = ["formed" in entry for entry in CONTENT["party"]]
    assert whether == sorted(whether)
    for entry in CONTENT["party"]:
        if "formed" in entry:
            assert date.fromisoformat(entry["known_on"]) >= Period.read(entry["formed"]).first, entry["key"]


NAMES = {
    "1999-10-10": {"amanat_1999": "Otan", "kpk_1991": "Communists", "renaissance_1995": "Renaissance"},
    "2004-09-19": {"amanat_1999": "Otan", "adilet_2004": "Democratic Party", "qhp_2004": "Communist People's Party"},
    "2007-08-18": {"amanat_1999": "Nur Otan", "adilet_2004": "Adilet", "naghyz_aq_jol_2005": "Naghyz Aq Jol"},
    "2012-01-15": {"amanat_1999": "Nur Otan", "naghyz_aq_jol_2005": "Azat", "jsdp_2007": "Social Democrats"},
    "2016-03-20": {"adal_2013": "Birlik", "qhp_2004": "Communist People's Party"},
    "2021-01-10": {"amanat_1999": "Nur Otan", "adal_2013": "Adal", "qhp_2004": "People's Party"},
    "2023-03-19": {"amanat_1999": "Amanat", "aq_jol_2002": "Aq Jol"},
}


@pytest.mark.parametrize("day", NAMES)
def test_parties_bear_the_names_of_the_day(day: str) -> None:
    found = {facts.key: facts.name for facts in roster.load(FOLDER, date.fromisoformat(day))}
    assert {key: found[key] for key in NAMES[day]} == NAMES[day]


CONDUCT = {
    "1999-10-10": {"kpk_1991": "hard_opposition", "azamat_1999": "soft_opposition", "civic_1998": "pro_regime"},
    "2004-09-19": {"aq_jol_2002": "soft_opposition", "dvk_2004": "hard_opposition", "auyl_2002": "soft_opposition"},
    "2007-08-18": {"auyl_2002": "pro_regime", "qhp_2004": "soft_opposition", "rukhaniyat_2003": "pro_regime"},
    "2012-01-15": {"aq_jol_2002": "pro_regime", "jsdp_2007": "hard_opposition", "rukhaniyat_2003": "soft_opposition"},
    "2021-01-10": {"jsdp_2007": "soft_opposition", "democratic_2019": "hard_opposition"},
}


@pytest.mark.parametrize("day", CONDUCT)
def test_conduct_is_that_of_the_day(day: str) -> None:
    found = {facts.key: facts.conduct for facts in roster.load(FOLDER, date.fromisoformat(day))}
    assert {key: found[key] for key in CONDUCT[day]} == CONDUCT[day]


@pytest.mark.parametrize("election", ELECTIONS)
def test_one_party_of_power_stands_in_every_election(election: str) -> None:
    day = day_of(election)
    there = [f.key for f in roster.load(FOLDER, day) if f.conduct == "party_of_power" and f.key in standing(day)]
    assert there == ["amanat_1999"]


# ----------------------------------------------------------------------------------------------- elections


def test_the_elections_are_numbered_from_1995_without_a_gap() -> None:
    assert tuple(EVENTS["election"]) == ELECTIONS
    assert [EVENTS["election"][election]["ordinal"] for election in ELECTIONS] == [2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize("election", ELECTIONS)
def test_every_number_of_an_election_has_its_source_or_the_reason_for_assuming_it(election: str) -> None:
    facts = EVENTS["election"][election]
    for key in facts:
        if key in ("day", "ordinal", "absent", "bloc") or key.endswith(("_source", "_note")):
            continue
        assert key in NUMBERS, key
        said = facts.get(f"{key}_source"), facts.get(f"{key}_note")
        assert sum(text is not None for text in said) == 1, key
        assert said[1] is None or said[1].startswith("assumed: ") or said[1].startswith("assumed, "), key
    for key in ("stations", "invalid", "observers", "self_nominated", "lists_close"):
        assert key in facts
    assert ("lowest_turnout" in facts) == (election != "2023")  # its turnout by region is on file


@pytest.mark.parametrize("election", ELECTIONS)
def test_every_reason_and_bloc_has_a_source(election: str) -> None:
    facts = EVENTS["election"][election]
    for key, why in facts.get("absent", {}).items():
        assert re.search(r"\(.*[A-Z0-9].*\)", why), key
    for bloc in facts.get("bloc", ()):
        assert bloc["source"]
        assert len(bloc["parties"]) > 1


@pytest.mark.parametrize("election", ELECTIONS)
def test_a_round_two_is_on_record_where_the_law_has_a_runoff(election: str) -> None:
    day = day_of(election)
    chamber = LAW.on(day).chamber
    runoff = chamber.district_seats > 0 and chamber.district_rule == "majority runoff"
    assert ("round_two" in EVENTS["election"][election]) == runoff
    if runoff:
        second = date.fromisoformat(EVENTS["election"][election]["round_two"])
        assert timedelta(7) <= second - day <= timedelta(60)
    close = date.fromisoformat(EVENTS["election"][election]["lists_close"])
    assert timedelta(35) <= day - close <= timedelta(45)


@pytest.mark.parametrize("election", ELECTIONS)
def test_blocs_ran_only_where_the_law_had_them(election: str) -> None:
    allowed = LAW.on(day_of(election)).list.blocs
    assert allowed or not EVENTS["election"][election].get("bloc")


def test_every_party_named_anywhere_is_in_the_file() -> None:
    named = {row["party"] for row in ROWS} - {"", "independents"} - set(BLOCS)
    named |= {key for facts in EVENTS["election"].values() for key in facts.get("absent", {})}
    named |= {party for bloc in BLOCS.values() for party in bloc["parties"]}
    named |= {entry["into"] for entry in PARTIES.values() if "into" in entry}
    assert named <= set(PARTIES)
    assert not set(BLOCS) & set(PARTIES)


@pytest.mark.parametrize("election", ELECTIONS)
def test_no_party_stands_before_it_is_registered_or_after_it_ended(election: str) -> None:
    close = date.fromisoformat(EVENTS["election"][election]["lists_close"])
    for key in listed(election):
        entry = PARTIES[key]
        if "sponsored" not in entry:  # these the run registers, if at all
            assert Period.read(entry["registered"]).last <= close, key
        assert "ended" not in entry or Period.read(entry["ended"]).first > day_of(election), key


@pytest.mark.parametrize("election", ELECTIONS)
def test_every_registered_party_stood_or_is_said_to_have_been_absent(election: str) -> None:
    facts = EVENTS["election"][election]
    stood, absent = set(listed(election)), set(facts.get("absent", {}))
    assert not stood & absent
    assert standing(date.fromisoformat(facts["lists_close"])) <= stood | absent
    assert absent <= standing(day_of(election))


REGISTERED = {"2004": 12, "2016": 7, "2021": 6}  # Bowyer 2008; 7kun.kz; CRS IN11581


@pytest.mark.parametrize("election", REGISTERED)
def test_as_many_parties_are_registered_as_the_record_counts(election: str) -> None:
    assert len(standing(day_of(election))) == REGISTERED[election]


def test_seven_parties_of_before_july_2002_were_registered_anew_in_2003() -> None:
    """HRW 2004: seven of the eleven that asked; no other party of before lives on."""
    before = standing(date(2002, 7, 15)) & standing(date(2003, 5, 1))
    assert before | {"auyl_2002"} == {
        "amanat_1999", "aq_jol_2002", "civic_1998", "agrarian_1999", "kpk_1991", "patriots_2000", "auyl_2002",
    }  # fmt: skip


def test_seven_new_parties_from_2003_to_january_2007_three_of_them_in_opposition_then_one_successor() -> None:
    """Bowyer 2008; no new party between January 2007 and November 2022 (Mustafina & Akimova 2024) but Birlik."""
    days = {key: Period.read(entry["registered"]) for key, entry in PARTIES.items() if "registered" in entry}
    new = [key for key, day in days.items() if date(2003, 5, 1) < day.midpoint < date(2007, 2, 1)]
    hard = [key for key in new if PARTIES[key]["conduct"][0]["class"] == "hard_opposition"]
    assert len(new) == 7
    assert sorted(hard) == ["dvk_2004", "jsdp_2007", "naghyz_aq_jol_2005"]
    later = [key for key, day in days.items() if date(2007, 2, 1) <= day.midpoint < date(2022, 10, 1)]
    assert later == ["adal_2013"]


# -------------------------------------------------------------------------------------------------- results


@pytest.mark.parametrize("election", ELECTIONS)
def test_votes_and_against_all_make_the_valid_votes(election: str) -> None:
    named = sum(rows(election, "votes").values()) + rows(election, "against_all").get("", 0)
    assert named == rows(election, "valid_votes")[""]


@pytest.mark.parametrize("election", ELECTIONS)
def test_votes_against_all_are_on_record_where_the_law_has_the_line(election: str) -> None:
    assert bool(rows(election, "against_all")) == LAW.on(day_of(election)).ballot.against_all


@pytest.mark.parametrize("election", ELECTIONS)
def test_the_share_of_invalid_ballots_is_that_of_the_official_totals(election: str) -> None:
    cast = rows(election, "ballots_cast").get("")
    if cast is None or election == "2021":  # none published, or rounded to half a million
        cast = rows(election, "turnout_pct")[""] / 100 * rows(election, "register")[""]
    share = 1 - rows(election, "valid_votes")[""] / cast
    assert EVENTS["election"][election]["invalid"] == pytest.approx(share, abs=6e-5)


@pytest.mark.parametrize("election", ["1999", "2004", "2007"])
def test_ballots_over_register_is_the_turnout(election: str) -> None:
    turnout = rows(election, "ballots_cast")[""] / rows(election, "register")[""]
    assert 100 * turnout == pytest.approx(rows(election, "turnout_pct")[""], abs=0.05)


def test_the_shares_of_1999_are_of_ballots_cast() -> None:
    """30.89, 17.75, 12.63 and 11.23 % as published (Bowyer 2008)."""
    cast, votes = rows("1999", "ballots_cast")[""], rows("1999", "votes")
    shares = [round(100 * votes[key] / cast, 2) for key in ("amanat_1999", "kpk_1991", "agrarian_1999", "civic_1998")]
    assert shares == [30.89, 17.75, 12.63, 11.23]
    assert [round(100 * votes[key] / cast, 2) for key in ("azamat_1999", "labour_1995")] == [4.57, 1.38]


@pytest.mark.parametrize("election", ELECTIONS)
def test_every_list_has_votes_and_seats_and_the_seats_are_those_of_the_law(election: str) -> None:
    votes, seats = rows(election, "votes"), rows(election, "list_seats")
    assert votes.keys() == seats.keys()
    chamber = LAW.on(day_of(election)).chamber
    assert sum(seats.values()) == chamber.list_seats
    assert sum(rows(election, "district_seats").values()) == chamber.district_seats


def test_nothing_is_given_twice() -> None:
    counted = Counter((row["election"], row["variable"], row["party"]) for row in ROWS)
    assert [key for key, n in counted.items() if n > 1] == []


def test_every_result_has_a_source_and_was_known_no_sooner_than_its_day() -> None:
    for row in ROWS:
        assert row["source"]
        assert row["status"] in {"official", "derived", "rounded"}
        assert date.fromisoformat(row["known_on"]) >= date.fromisoformat(row["date"]) == day_of(row["election"])
    for row in ROWS:
        if row["variable"] == "district_seats" and "round_two" in EVENTS["election"][row["election"]]:
            assert row["known_on"] >= EVENTS["election"][row["election"]]["round_two"]


# --------------------------------------------------------------------------------- shocks, pressure, the case


def test_every_shock_matters_to_an_election_and_was_known_no_sooner_than_its_day() -> None:
    days = [date.fromisoformat(shock["day"]) for shock in EVENTS["shock"]]
    assert days == sorted(days)
    for shock, day in zip(EVENTS["shock"], days, strict=True):
        assert date.fromisoformat(shock["known_on"]) >= day
        assert 0 < shock["grievance"] <= 0.15
        assert any(timedelta(0) < day_of(election) - day < timedelta(days=731) for election in ELECTIONS)


def test_the_sizes_of_shocks_and_the_pressure_say_in_the_file_that_they_are_no_facts() -> None:
    text = (FOLDER / "events.toml").read_text("utf-8").splitlines()
    for line in text:
        if line.startswith(("grievance =", "value =")):
            assert re.search(r"# (assumed|prototype|by definition)", line), line


def test_registering_was_harder_from_february_2007_to_2022_than_before_and_after() -> None:
    pressure = [(entry["since"], entry["value"]) for entry in EVENTS["pressure"]]
    assert pressure == [("1996-07-02", 0.0), ("2007-02-01", -0.3), ("2022-01-05", 0.0)]


def test_every_region_has_its_own_tile() -> None:
    about, regions = cases.about("kazakhstan"), Regions.load(FOLDER / REGIONS_FILE)
    assert set(about["tiles"]) == {unit.code for unit in regions.units}
    places = [tuple(tile[:2]) for tile in about["tiles"].values()]
    assert len(set(places)) == len(places) == 20
    assert {about["venue"], about["unmobilised"]} <= set(about["tiles"])
    assert about["fictional"] is False


def test_the_licences_name_every_kind_of_source() -> None:
    text = (Path(__file__).parents[2] / "DATA_LICENSES.md").read_text("utf-8")
    for source in ("Nohlen", "Bowyer", "Radio Liberty", "Human Rights Watch", "IWPR", "Tengrinews", "informburo"):
        assert source in text, source
