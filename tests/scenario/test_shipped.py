"""The scenarios and experiments that ship with the program load, say what they are, and change only what they say."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from sim.malpractice.practice import OPEN, Practice
from sim.scenario import catalogue
from sim.scenario.case import elections
from sim.scenario.experiment import load_experiment
from sim.scenario.jsonschema import experiment_schema, scenario_schema
from sim.scenario.load import load
from sim.scenario.schema import Scenario
from sim.strict import InputError

DOCS = Path(__file__).parents[2] / "docs"
SCENARIOS, EXPERIMENTS = list(catalogue.shipped("scenario")), list(catalogue.shipped("experiment"))


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_loads_under_its_files_name_with_its_own_title(name: str) -> None:
    found = load(name)
    assert found.name == name
    assert found.title == catalogue.title(catalogue.shipped("scenario")[name])
    country = "Kazakhstan" if found.case == "kazakhstan" else ""
    years = found.election if found.decades is None else f"{found.decades.since:%Y}-{found.decades.until:%Y}"
    year = f"{country} {years}, " if country else ""
    assert found.title.startswith(year)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_is_named_after_what_it_extends_and_says_why_it_is_there(name: str) -> None:
    path = catalogue.shipped("scenario")[name]
    base = catalogue.read(path).get("extends")
    assert base is None or name.startswith(f"{base}-") or name.rpartition("-")[0].startswith(f"{base}-"), base
    comment = [line for line in path.read_text("utf-8").splitlines() if line.startswith("# ")]
    assert comment


def test_there_is_a_scenario_for_every_election_and_lever_a_reader_asks_for_first() -> None:
    assert len(SCENARIOS) >= 35
    bases = {f"kz-{election}" for election in elections("kazakhstan")} | {"kz-2023-qurultai-law"}
    assert bases | {f"{base}-open" for base in bases} <= set(SCENARIOS)
    together = {"stuffing", "stealing", "rewriting", "carousel", "tabulation"}  # off in one scenario
    without_amounts = {"observer_barring", "criminal_charges"}  # nothing on record, so nothing to switch off
    levers = set(Practice.model_fields) - together - without_amounts
    alone = set()
    for name in SCENARIOS:
        off = {lever for lever, strength in load(name).practice if strength == 0}
        if name.startswith("kz-2023-") and len(off) <= 2:
            alone |= off
    assert levers <= alone | {"observer_expulsion"}


def test_titles_differ() -> None:
    assert len({load(name).title for name in SCENARIOS}) == len(SCENARIOS)


def changed(name: str) -> dict[str, object]:
    """Settings in which a scenario differs from the base, by dotted key."""

    def flat(tree: dict[str, object], above: str = "") -> dict[str, object]:
        out: dict[str, object] = {}
        for key, value in tree.items():
            out |= flat(value, f"{above}{key}.") if isinstance(value, dict) else {f"{above}{key}": value}
        return out

    base, own = (flat(json.loads(load(one).model_dump_json())) for one in ("kz-2023", name))
    return {key: value for key, value in own.items() if value != base[key] and key not in ("name", "title")}


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("kz-2023-bound-registrar", {"practice.discretion": 0, "practice.audit_zeal": 0}),
        ("kz-2023-no-congress", {"law.registration.congress_in_person": False}),
        ("kz-2023-members-50000", {"law.registration.members": 50_000, "law.registration.members_per_region": 700}),
        ("kz-2023-observers-everywhere", {"mechanism.observers.share": 1}),
        ("kz-2023-members-500", {"law.registration.members": 500, "law.registration.members_per_region": 0}),
        ("kz-2023-members-0", {"law.registration.members": 0, "law.registration.members_per_region": 0}),
        ("kz-2023-members-20000", {"law.registration.members": 20_000, "law.registration.members_per_region": 600}),
        ("kz-2023-no-regional-minimum", {"law.registration.members_per_region": 0}),
        ("kz-2023-congress-1000", {"law.registration.initiative_group": 1000}),
        ("kz-2023-ordinary-audit", {"practice.audit_zeal": 0}),
        ("kz-2023-threshold-7", {"law.list.threshold": "7/100"}),
        ("kz-2023-threshold-3", {"law.list.threshold": "3/100"}),
        ("kz-2023-half-and-half", {"law.chamber.list_seats": 49, "law.chamber.district_seats": 49}),
        ("kz-2023-observers-1pct", {"mechanism.observers.share": 0.01}),
        ("kz-2023-observers-nowhere", {"mechanism.observers.share": 0}),
        (
            "kz-2023-observers-10pct-kept",
            {"mechanism.observers.share": 0.1, "practice.observer_expulsion": 0},
        ),
        ("kz-2023-no-mobilisation", {"practice.mobilisation": 0}),
        ("kz-2023-open-media", {"practice.media_closure": 0}),
        ("kz-2023-state-funding", {"law.funding.founding": "1", "law.funding.campaign": "1"}),
        ("kz-2023-qurultai-law", {"law_day": "2026-07-01"}),
    ],
)
def test_each_scenario_changes_what_its_title_says(name: str, changes: dict[str, object]) -> None:
    assert changed(name) == changes


def test_the_base_is_every_default() -> None:
    base = load("kz-2023")
    assert base == Scenario(name=base.name, title=base.title)


def test_the_open_scenario_has_every_lever_at_its_open_value() -> None:
    opened = load("kz-2023-open")
    assert opened.practice == OPEN
    assert opened.law.given == {
        "registration.members": 500,
        "registration.members_per_region": 0,
        "registration.initiative_group": 10,
        "registration.congress_in_person": False,
        "list.threshold": Fraction(0),
        "chamber.list_seats": 98,
        "chamber.district_seats": 0,
    }


def test_the_demonstration_is_six_scenarios_at_two_levels() -> None:
    demo = load_experiment("demo")
    assert len(demo.scenarios) == 12
    assert [one.level for one in demo.scenarios[:2]] == ["low", "high"]
    assert (demo.against, demo.primary, demo.replications) == ("kz-2023", "autonomous_seat_share_middle", 20)
    assert demo.stations == "first"
    assert demo.text == catalogue.shipped("experiment")["demo"].read_text("utf-8")


def test_the_factorial_experiment_crosses_both_levers() -> None:
    cross = load_experiment("threshold-and-discretion")
    found = {(one.law.given.get("registration.members", 5000), one.practice.discretion) for one in cross.scenarios}
    assert found == {(5000, 1), (5000, 0), (500, 1), (500, 0)}
    assert cross.replications == 40


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_says_why_it_repeats_as_often(name: str) -> None:
    asked = load_experiment(name)
    assert asked.name == name
    assert asked.question.endswith("?")
    assert len(asked.why_replications) > 40
    assert "\n" not in asked.estimand


EXPERIMENT = """
question = "Does it matter?"
estimand = "mean difference"
primary = "enp_seats"
scenarios = ["kz-2023", "mine.toml"]
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text('extends = "kz-2023"\n[practice]\nstuffing = 0\n', "utf-8")
    return tmp_path


def refused(here: Path, text: str) -> list[str]:
    (here / "x.toml").write_text(text, "utf-8")
    with pytest.raises(InputError) as fault:
        load_experiment("x.toml")
    return str(fault.value).splitlines()


def test_an_experiment_of_ones_own_may_name_files_and_leave_out_much(here: Path) -> None:
    (here / "sub").mkdir()
    (here / "sub" / "x.toml").write_text(EXPERIMENT.replace("mine.toml", "../mine.toml"), "utf-8")
    asked = load_experiment("sub/x.toml")
    assert (asked.name, asked.against, asked.replications) == ("x", "kz-2023", 20)
    assert [one.name for one in asked.scenarios] == ["kz-2023", "kz-2023", "mine", "mine"]


def test_everything_wrong_with_an_experiment_is_told_at_once(here: Path) -> None:
    lines = refused(here, 'scenarios = []\nreplication = 3\nlevels = ["lo"]\nreplications = 0\nstations = "some"\n')
    assert len(lines) == 8
    for part in (
        "x.toml: scenarios = [] is empty; it needs at least one entry.",
        "x.toml: question is missing: what is asked, in one sentence.",
        'x.toml: unknown key "replication". Did you mean "replications"?',
        "x.toml: replications = 0 must be at least 1; the default is 20.",
        'x.toml: levels = "lo" is not known; write "low" or "high". Did you mean "low"?',
        'x.toml: stations = "some" is not known; write "none", "first" or "all".',
    ):
        assert any(line.startswith(part) for line in lines), (part, lines)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("mine.toml", "kz-2032"), 'x.toml: scenarios: unknown scenario "kz-2032". Did you mean "kz-2023"'),
        (("mine.toml", "min.toml"), 'x.toml: scenarios: no file min.toml. Did you mean "mine.toml"?'),
        (
            ("mine.toml", "kz-2023"),
            'x.toml: scenarios = ["kz-2023", "kz-2023"]: "kz-2023" stands there more than once.',
        ),
        (("]\n", ']\nagainst = "min"\n'), 'x.toml: against = "min" is none of the scenarios. Did you mean "mine"?'),
        (
            ("]\n", ']\nlevels = ["low", "low"]\n'),
            'x.toml: levels = ["low", "low"]: "low" stands there more than once.',
        ),
    ],
)
def test_scenarios_of_an_experiment_are_checked(change: tuple[str, str], message: str, here: Path) -> None:
    (line,) = refused(here, EXPERIMENT.replace(*change))
    assert line.startswith(message)


def test_two_files_of_one_name_are_refused(here: Path) -> None:
    (here / "also.toml").write_text('name = "mine"\nextends = "kz-2023"\n', "utf-8")
    assert refused(here, EXPERIMENT.replace('"kz-2023"', '"also.toml"')) == [
        'x.toml: two files are named "mine": also.toml, mine.toml.'
    ]


def test_an_unknown_experiment_comes_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r'unknown experiment "demmo"\. Did you mean "demo"'):
        load_experiment("demmo")
    with pytest.raises(InputError, match=r'"kz-2023" is a scenario'):
        load_experiment("kz-2023")


@pytest.mark.parametrize(("file", "made"), [("scenario", scenario_schema), ("experiment", experiment_schema)])
def test_the_schemas_in_docs_are_fresh(file: str, made) -> None:
    kept = json.loads((DOCS / f"{file}.schema.json").read_text("utf-8"))
    renew = "majilis schema > docs/scenario.schema.json; majilis schema --experiment > docs/experiment.schema.json"
    assert kept == made(), f"renew with: {renew}"


def test_the_schema_carries_marks_sources_units_and_limits() -> None:
    schema = scenario_schema()
    assert schema["properties"]["extends"]["type"] == "string"
    assert schema["additionalProperties"] is False
    stations = schema["$defs"]["StationSettings"]["properties"]["count"]
    assert (stations["mark"], stations["unit"], stations["minimum"]) == ("sourced", "stations", 1)
    assert "null" not in json.dumps(schema)
    assert "required" not in schema
    assert schema["$defs"]["AmendedRegistration"]["properties"]["members"]["unit"] == "members"
