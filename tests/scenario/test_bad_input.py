"""Every fault of a file is told at once, in its words: key, what was read, what is allowed, the nearest known key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.scenario.explain import dotted, settings
from sim.scenario.load import load
from sim.scenario.schema import Scenario
from sim.strict import InputError

Refused = Callable[[str], list[str]]


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Refused:
    """The lines with which a file of this text is refused; it extends the base and is called my.toml."""
    monkeypatch.chdir(tmp_path)

    def read(text: str) -> list[str]:
        (tmp_path / "my.toml").write_text(f'extends = "kz-2023"\n{text}', encoding="utf-8")
        with pytest.raises(InputError) as fault:
            load("my.toml")
        return str(fault.value).splitlines()

    return read


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[law.registration]\nmember = 9", 'unknown key "law.registration.member". Did you mean "members"? (keys: '),
        ("[mechanism.observer]\nshare = 0", 'unknown key "mechanism.observer". Did you mean "observers"?'),
        ("discretion = 0", 'unknown key "discretion". You may mean "practice.discretion". (keys: '),
        ("[law.registration]\nthreshold = 0", 'unknown key "law.registration.threshold". You may mean "law.list.thr'),
        ("[registration]\nmembers = 9", 'unknown key "registration". You may mean "law.registration"'),
        ("[law]\nmembers = 9", 'unknown key "law.members". You may mean "law.registration.members". (keys: '),
        ("elections = '2023'", 'unknown key "elections". Did you mean "election"?'),
        ("[practice]\nzzz = 1", 'unknown key "practice.zzz". (keys: discretion, audit_zeal, '),
    ],
)
def test_an_unknown_key_comes_with_the_nearest_one_there_or_elsewhere(
    text: str, message: str, refused: Refused
) -> None:
    (line,) = refused(text)
    assert line.startswith(f"my.toml: {message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[law.registration]\nmembers = "5000"',
            'law.registration.members = "5000" is text; write 5000 without quotes.',
        ),
        (
            "[law.registration]\nmembers = 5000.5",
            "law.registration.members = 5000.5 is not whole; write a number without ",
        ),
        (
            "[law.registration]\nmembers = true",
            "law.registration.members = true is true or false; write a whole number ",
        ),
        (
            '[practice]\ndiscretion = "none"',
            'practice.discretion = "none" is text; write a number that must lie between',
        ),
        (
            "[practice]\ndiscretion = true",
            "practice.discretion = true is true or false; write a number that must lie be",
        ),
        ("practice = 0", "practice = 0 is a number where a table belongs (keys: discretion, audit_zeal, "),
        (
            "[practice.discretion]\nvalue = 0",
            "practice.discretion is a table; write a number that must lie between 0 an",
        ),
        ("election = 2023", 'election = 2023 is a number; write "2023" in quotes.'),
        (
            '[law.registration]\ncongress_in_person = "no"',
            'law.registration.congress_in_person = "no" is text; write tr',
        ),
        (
            '[law.registration]\ncongress_in_person = "true"',
            'law.registration.congress_in_person = "true" is text; write',
        ),
        (
            "[law.registration]\ncongress_in_person = 0",
            "law.registration.congress_in_person = 0 is a number; write true",
        ),
        ('level = "middle"', 'level = "middle" is not known; write "low" or "high".'),
        (
            '[mechanism.observers]\nwhere = "urban"',
            'mechanism.observers.where = "urban" is not known; write "everywhere"',
        ),
        (
            '[law.registration]\nbarred_bases = "religious"',
            'law.registration.barred_bases = "religious" is text; write a',
        ),
        (
            '[law.list]\nthreshold = "five"',
            'law.list.threshold = "five": write a number such as 0.05, or a fraction in ',
        ),
        (
            'name = "My Scenario"',
            'name = "My Scenario" may hold only small letters, digits, ".", "-" and "_", such as "m',
        ),
    ],
)
def test_a_value_of_the_wrong_kind_is_told_with_what_to_write(text: str, message: str, refused: Refused) -> None:
    (line,) = refused(text)
    assert line.startswith(f"my.toml: {message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[mechanism.observers]\nshare = 20",
            "mechanism.observers.share = 20 must lie between 0 and 1. Did you mean 0.20 (20%)?",
        ),
        ("[practice]\nstuffing = 7.5", "practice.stuffing = 7.5 must lie between 0 and 1. Did you mean 0.075 (7.5%)?"),
        ("[practice]\nstuffing = 700", "practice.stuffing = 700 must lie between 0 and 1; the default is 1."),
        ("[practice]\nstuffing = -0.1", "practice.stuffing = -0.1 must lie between 0 and 1; the default is 1."),
        ("[practice]\nstuffing = nan", "practice.stuffing = nan must lie between 0 and 1; the default is 1."),
        (
            "[mechanism.candidates]\nindependent_base = inf",
            "mechanism.candidates.independent_base = inf must be a finite",
        ),
        ("[law.list]\nthreshold = 5", "law.list.threshold = 5 must lie between 0 and 1. Did you mean 0.05 (5%)?"),
        ("[law.list]\nthreshold = nan", "law.list.threshold = nan must be a finite number."),
        ("[law.registration]\nmembers = -1", "law.registration.members = -1 must be at least 0."),
        ("years_before = 0", "years_before = 0 must lie between 1 and 3; the default is 2."),
        ("[mechanism.sponsorship]\ndays_to_fill = 0", "mechanism.sponsorship.days_to_fill = 0 must be above 0; the "),
    ],
)
def test_a_number_outside_its_limits_is_told_with_them(text: str, message: str, refused: Refused) -> None:
    (line,) = refused(text)
    assert line.startswith(f"my.toml: {message}")


@pytest.mark.parametrize("voters", [0, -5])
def test_an_election_without_voters(voters: int, refused: Refused) -> None:
    assert refused(f"[population]\nvoters = {voters}") == [
        f"my.toml: population.voters = {voters}: an election needs at least 1 voter per region; the default is 20000."
    ]


def test_fewer_voters_than_places_to_live_in(refused: Refused) -> None:
    (line,) = refused("[population]\nvoters = 7")
    assert "population.voters = 7: an election needs at least 1 voter in town and country of every locality" in line


def test_more_voters_than_memory_holds(refused: Refused) -> None:
    (line,) = refused("[population]\nvoters = 60_000_000")
    assert "population.voters = 60000000: would need about 7.8 GB of memory; at most 50000000 are allowed" in line


def test_seats_that_do_not_sum(refused: Refused) -> None:
    assert refused("[law.chamber]\nseats = 98\nlist_seats = 69\ndistrict_seats = 28") == [
        "my.toml: law.chamber: seats = 98 but list_seats 69 + district_seats 28 = 97."
    ]


def test_more_districts_than_the_voters_can_fill(refused: Refused) -> None:
    (line,) = refused("[population]\nvoters = 300\n[law.chamber]\ndistrict_seats = 98")
    assert line == "my.toml: population.voters = 300: 98 districts need at least 443; the default is 20000."


def test_a_parliament_without_elected_seats(refused: Refused) -> None:
    (line,) = refused("[law.chamber]\nlist_seats = 0\ndistrict_seats = 0")
    assert "no seat is elected" in line


@pytest.mark.parametrize(
    ("venue", "message"),
    [
        ("Nur-Sultan", 'unknown region "Nur-Sultan". It was renamed Astana in 2022 (KZ-71).'),
        ("Astana", '"Astana" is the name of a region; write its code, "KZ-71".'),
        ("Astanna", 'unknown region "Astanna". Did you mean Astana (KZ-71)?'),
        ("Almaty", '"Almaty" names 2 regions: '),
    ],
)
def test_a_region_that_is_not_a_code(venue: str, message: str, refused: Refused) -> None:
    (line,) = refused(f'[mechanism.founding]\nvenue = "{venue}"')
    assert line.startswith(f"my.toml: mechanism.founding.venue: {message}")


@pytest.mark.parametrize(
    ("party", "meant"), [("amanat", "amanat_1999"), ("Nur Otan", "amanat_1999"), ("OSDP", "jsdp_2007")]
)
def test_a_party_that_is_not_a_key(party: str, meant: str, refused: Refused) -> None:
    text = (
        f'[reading]\npressure = 0\nagainst_all = 0\nturnout = 0\n[reading.valence]\n"{party}" = 1\n[reading.orders]\n'
    )
    lines = refused(text)
    assert lines[0] == f'my.toml: reading.valence: unknown party "{party}". Did you mean "{meant}"?'
    assert lines[1].startswith("my.toml: reading.valence: amanat_1999 is missing")
    assert lines[2].startswith("my.toml: reading.orders: ")


READING = "[reading]\npressure = 0\nturnout = 0\nagainst_all = 0\n"


def test_a_misspelt_key_of_a_reading_is_told_and_not_that_it_is_missing(refused: Refused) -> None:
    lines = refused(f"{READING}[reading.valence]\namanat_1999 = 1\n[reading.order]\nKZ-10 = 1\n")
    assert [line.partition(" (")[0] for line in lines] == [
        'my.toml: unknown key "reading.order". Did you mean "orders"?'
    ]
    first, *others = refused("[reading]\npresure = 0.1\nturnout = 0\n")
    assert first.startswith('my.toml: unknown key "reading.presure". Did you mean "pressure"?')
    assert [line.split()[1] for line in others] == ["reading.valence", "reading.against_all", "reading.orders"]


def test_a_party_that_is_not_a_key_is_told_even_where_keys_are_missing(refused: Refused) -> None:
    lines = refused("[reading]\npressure = 0\n[reading.valence]\namanat_1999 = 1\nOSDP = 2\n")
    assert 'my.toml: reading.valence: unknown party "OSDP". Did you mean "jsdp_2007"?' in lines
    assert any(line.startswith("my.toml: reading.turnout is missing") for line in lines)
    assert not any("KZ-10" in line for line in lines)  # what is missing is told once, as missing


def test_an_unknown_case_and_an_unknown_election(refused: Refused) -> None:
    assert refused('case = "kazakstan"') == ['my.toml: unknown case "kazakstan". Did you mean "kazakhstan"?']
    assert 'unknown election "1887"' in refused('election = "1887"')[0]


def test_all_faults_are_told_at_once_each_with_its_own_file(tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "base.toml").write_text('extends = "kz-2023"\n[practice]\nstuffing = 2\nstealing = 3\n', "utf-8")
    (tmp_path / "over.toml").write_text('extends = "base.toml"\nlevel = 1\n[practice]\nstealing = 4\nsteeling = 0\n')
    with pytest.raises(InputError) as fault:
        load(tmp_path / "over.toml")
    lines = str(fault.value).splitlines()
    assert sorted(
        line.split(" ")[0] + line.split("=")[0].rpartition(":")[2] for line in lines if "unknown" not in line
    ) == [
        "base.toml: practice.stuffing ",
        "over.toml: level ",
        "over.toml: practice.stealing ",
    ]
    assert next(line for line in lines if "unknown" in line).startswith(
        'over.toml: unknown key "practice.steeling". Did you mean "stealing"?'
    )


def test_text_that_is_not_toml_is_told_with_its_line(refused: Refused) -> None:
    (line,) = refused("level = low\n")
    assert line.startswith("my.toml, line 2, column ")
    assert "not TOML" in line


def test_what_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text('extends = "kz-2023"\n', "utf-8")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    asked = {
        "kz-2032": 'unknown scenario "kz-2032". Did you mean "kz-2023" or ',
        "xyzzy": 'unknown scenario "xyzzy". (majilis scenarios lists every scenario; or give the path of a .toml file)',
        "demo": '"demo" is an experiment, not a scenario. To run it: majilis batch demo',
        "mine": 'no scenario named "mine" ships with the program. Did you mean the file "mine.toml"?',
        "min.toml": 'no file min.toml. Did you mean "mine.toml"?',
        "nowhere/mine.toml": "no file nowhere/mine.toml. There is no folder nowhere.",
        "./": "./ is a folder; name one scenario file in it.",
        "bytes.toml": "bytes.toml: is not UTF-8 text; save it as UTF-8.",
    }
    for name, message in asked.items():
        with pytest.raises(InputError) as fault:
            load(name)
        assert str(fault.value).startswith(message)


def test_extends_that_leads_nowhere(refused: Refused, tmp_path: Path) -> None:
    for extends, message in {
        '"kz-2032"': 'extends = "kz-2032": unknown scenario "kz-2032". Did you mean "kz-2023"',
        '"base.toml"': 'extends = "base.toml": no file base.toml.',
        "5": "extends = 5: write one name or file in quotes.",
        '["kz-2023"]': 'extends = ["kz-2023"]: write one name or file in quotes.',
    }.items():
        (tmp_path / "lost.toml").write_text(f"extends = {extends}\n", "utf-8")
        with pytest.raises(InputError) as fault:
            load(tmp_path / "lost.toml")
        assert str(fault.value).startswith(f"lost.toml: {message}")


def test_extends_in_a_circle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.toml").write_text('extends = "b.toml"\n', "utf-8")
    (tmp_path / "b.toml").write_text('extends = "./a.toml"\n', "utf-8")
    with pytest.raises(InputError) as fault:
        load("a.toml")
    assert str(fault.value) == "a.toml: extends goes in a circle: a.toml -> b.toml -> a.toml."


@pytest.mark.parametrize("value", ["5", "x", True, -1, 20, 2.5, float("nan"), [], ["a"], {"a": 1}, 10**30], ids=repr)
def test_no_key_takes_a_wrong_value_without_words_of_our_own(value: object) -> None:
    base = load("kz-2023")
    told = {}
    for place in settings(Scenario):
        try:
            base.vary(dotted(place), value, name="x")
        except InputError as fault:
            told[place] = str(fault)
    assert told
    assert not [text for text in told.values() if "Input should" in text or "Value error" in text]
    many = ("law", "chamber", "district_seats")  # too many districts are told of as too few voters
    assert not [place for place, text in told.items() if place[0] not in text and place != many]
