"""A run of a store once more from its key, on the model itself: the same bytes."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

import sim
from sim.analysis import stopping
from sim.batch.execute import run_all
from sim.batch.plan import plan
from sim.batch.store import Results
from sim.cli import again, runs_store
from sim.cli import run as run_verb
from sim.strict import InputError


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("again") / "s"
    base = sim.load("kz-2023").vary("population.voters", 800, name="a")
    base = base.vary("mechanism.stations.count", 500, name="a")
    run_all(plan([base, base.vary("practice.discretion", 0, name="b")], 2), folder, workers=1, progress=False)
    return folder


@pytest.fixture
def majilis():
    app = typer.Typer()
    app.command()(run_verb.run)
    app.command()(runs_store.status)
    return lambda *words: CliRunner().invoke(app, list(words))


def test_a_key_gives_the_rows_of_the_store_byte_for_byte(store):
    results = Results.open(store)
    for key in results.to_frame(columns=["key"])["key"]:
        assert again.same(results, key) == []


def test_other_rows_are_told(store, monkeypatch):
    from sim.model import simulate

    def other(scenario, replication, keep):
        tables = simulate(scenario, replication, keep)
        tables["parties"][3]["seats"] += 1
        return tables

    results = Results.open(store)
    key = results.to_frame(columns=["key"])["key"][0]
    assert again.same(results, key, other) == ["parties"]


def test_the_verb_shows_the_run_and_says_that_it_is_the_same(store, majilis):
    key = Results.open(store).to_frame(columns=["key"])["key"][1]
    told = majilis("run", "--key", key, "--from", str(store))
    assert told.exit_code == 0, told.output
    assert "The same rows, byte for byte" in told.output
    assert "society 1002, history 2000002" in told.stdout
    shown = json.loads(majilis("run", "--key", key, "--from", str(store), "--format", "json").stdout)
    row = Results.open(store).to_frame("runs", where={"key": key})
    assert shown["measures"]["enp_seats"] == row["enp_seats"][0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--key", "x"], "--key and --from go together"),
        (["--from", "."], "--key and --from go together"),
        (["kz-2023", "--key", "x", "--from", "."], "SCENARIO: the key says that already"),
        ([], "which scenario?"),
        (["--key", "0" * 20, "--from", "STORE"], 'holds no run with the key "00000000000000000000"'),
    ],
)
def test_what_is_missing_is_said(store, majilis, words, said):
    told = majilis("run", *(str(store) if word == "STORE" else word for word in words))
    assert isinstance(told.exception, InputError)
    assert said in str(told.exception)


def test_settings_that_do_not_give_the_key_are_not_run(store, tmp_path):
    import shutil

    shutil.copytree(store, tmp_path / "s")
    text = (tmp_path / "s" / "resolved.json").read_text()
    (tmp_path / "s" / "resolved.json").write_text(text.replace('"voters": 800', '"voters": 801'))
    results = Results.open(tmp_path / "s")
    key = results.to_frame(columns=["key"])["key"][0]
    with pytest.raises(InputError, match="for other settings or other facts than it says"):
        again.same(results, key)


class Widths:
    """Rounds as the verb batch makes them, with arithmetic for a model."""

    def __init__(self, tmp_path):
        self.folder = tmp_path / "s"

    def go(self, first, width, most):
        from tiny_model import Tiny, simulate

        number, seen = first, [first]
        while True:
            run_all(
                plan([Tiny(name="a"), Tiny(name="b", shift=1.0)], number), self.folder, workers=1,
                simulate=noisy(simulate), progress=False,
            )  # fmt: skip
            found = stopping.widest(Results.open(self.folder), "enp_seats", "a", number)
            more = stopping.next_replications(number, found, width, most)
            if more == number:
                return seen, found
            number = more
            seen.append(number)


def noisy(simulate):
    from tiny_model import draw

    def model(scenario, replication, keep):
        tables = simulate(scenario, replication, keep)
        tables["runs"][0]["enp_seats"] += draw("noise", scenario.name, replication)
        return tables

    return model


def test_a_batch_stops_when_the_interval_is_as_narrow_as_asked(tmp_path):
    seen, found = Widths(tmp_path).go(10, 0.2, 1000)
    assert found.width <= 0.2
    assert 20 < seen[-1] < 400  # sd of the difference is 0.41: 1.96 * 0.41 * 2 / 0.2 squared is 65
    rounds, again_found = Widths(tmp_path).go(10, 0.2, 1000)  # started again over a store that holds more
    assert (rounds, again_found) == (seen, found)
    few, found = Widths(tmp_path / "other").go(10, 0.001, 25)
    assert few == [10, 20, 25]
    assert found.width > 0.001
