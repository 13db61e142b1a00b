"""Files from anywhere: a scenario, an experiment or a table of votes is read or refused in words, and that is all."""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sim import cli
from sim.scenario import catalogue
from sim.scenario.experiment import Experiment, load_experiment
from sim.scenario.explain import settings as keys_of
from sim.scenario.load import load
from sim.scenario.schema import Scenario
from sim.strict import InputError

FUZZ = settings(max_examples=60, deadline=5000, suppress_health_check=list(HealthCheck))
KEYS = [".".join(place) for place in keys_of(Scenario)]

numbers = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.sampled_from(["1e400", "-0.0", "nan", "inf", "-inf", "9" * 5000, "0x" + "f" * 5000, "1_0", "1.5", "0", "-1"]),
)
values = st.recursive(
    st.one_of(
        numbers,
        st.text(max_size=30).map(lambda text: '"' + text.replace("\\", "").replace('"', "").replace("\n", "") + '"'),
        st.sampled_from(
            ["true", "2023-03-19", "2023-03-19T10:00:00Z", "07:32:00", "''", '"../../x"', '"kz-2023"', "{}"]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda some: f"[{', '.join(some)}]"),
        st.lists(inner, max_size=3).map(lambda some: "{" + ", ".join(f"k{i} = {v}" for i, v in enumerate(some)) + "}"),
    ),
    max_leaves=6,
)
names = st.one_of(st.sampled_from(KEYS), st.from_regex(r"[a-z_\-]{1,12}(\.[a-z]{1,8}){0,3}", fullmatch=True))
lines = st.one_of(
    st.tuples(names, values).map(" = ".join),
    names.map(lambda name: f"[{name}]"),
    names.map(lambda name: f"[[{name}]]"),
    st.text(max_size=40),
)
files = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=300).map(str.encode),
    st.lists(lines, max_size=12).map(lambda some: "\n".join(['extends = "kz-2023"', *some]).encode(errors="replace")),
)
HOSTILE = [
    b"x = " + b"[" * 100_000,
    b"a." * 400_000 + b"b = 1",
    b"[" + b"a." * 400_000 + b"b]",
    b"x = " + b"9" * 100_000,
    b"x = 0x" + b"f" * 100_000,
    b"\n".join(b"k%d = 1" % i for i in range(200_000)),
    b"\n".join(b"[t%d]\nx = 1" % i for i in range(100_000)),
    b'x = "' + b"y" * 3_900_000 + b'"',
    b"x" * 5_000_000,
    b"\xff\xfe" * 1000,
    b"\0" * 1000,
]


def given_as(content: bytes, read):
    """What reading a file of this content gives, or the words in which it is refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "my.toml"
        path.write_bytes(content)
        try:
            return read(path)
        except InputError as fault:
            said = str(fault)
    assert 0 < len(said) < 400_000
    return None


@FUZZ
@given(files)
@example(b'extends = "my.toml"')
@example(b'name = "../../etc"\nextends = "kz-2023"')
@example(b'extends = "kz-2023"\ncase = "../../secrets"')
@example(b'extends = "kz-2023"\n[population]\nvoters = 1000000000000')
def test_a_scenario_is_read_or_refused(content):
    found = given_as(content, load)
    assert found is None or isinstance(found, Scenario)


@FUZZ
@given(st.lists(lines, max_size=6), st.sampled_from(["grid", "zip", "list", "latin", "sobol", "x"]), values, values)
def test_an_experiment_is_read_or_refused(more, kind, one, other):
    head = 'question = "q"\nestimand = "e"\nprimary = "enp_seats"\nscenarios = ["kz-2023"]\n'
    design = f'[design]\nkind = "{kind}"\npoints = 4\n[[design.factor]]\nsetting = "practice.discretion"\n'
    text = "\n".join([head, *more, design, f"values = {one}", f"low = {other}", "high = 1.0"])
    found = given_as(text.encode(errors="replace"), load_experiment)
    assert found is None or isinstance(found, Experiment)


@pytest.mark.parametrize("content", HOSTILE, ids=lambda content: repr(content[:12]))
@pytest.mark.parametrize("read", [load, load_experiment])
def test_hostile_files_are_refused_at_once(content, read):
    assert given_as(content, read) is None


def test_what_names_a_result_cannot_leave_the_folder():
    for name in ("../x", "a/b", "/etc", "..", ".x", "A", "a b", "a\\b", "x" * 81, ""):
        for file in (f'extends = "kz-2023"\nname = "{name}"', f"name = '{name}'"):
            assert given_as(file.encode(), load) is None


def test_nothing_in_a_file_is_evaluated():
    code = '__import__("os").system("true")'
    found = given_as(f"extends = 'kz-2023'\ntitle = '{code}'".encode(), load)
    assert found is not None
    assert found.title == code
    sources = [path for path in Path(catalogue.__file__).parents[1].rglob("*.py") if "__pycache__" not in path.parts]
    text = {path.name: path.read_text("utf-8") for path in sources}
    evaluated = [name for name, code in text.items() if " eval(" in code or " exec(" in code or "yaml.load" in code]
    assert evaluated == []
    pickling = [name for name, code in text.items() if "import pickle" in code]
    assert pickling == ["processes.py"]  # through a pipe between own processes; never a file


cells = st.one_of(
    st.integers(-5, 10**9).map(str),
    st.text(max_size=12),
    st.sampled_from(["", '"', '""', "1e9", "9" * 5000, "1.5", "-0", "٣", "nan", "1,5", "'", "=cmd()", "\ufeff", "\0"]),
)
tables = st.one_of(
    st.binary(max_size=300),
    st.lists(st.lists(cells, min_size=1, max_size=5).map(",".join), max_size=10).map(
        lambda rows: "\n".join(["party,votes,seats,election", *rows]).encode(errors="replace")
    ),
)


@FUZZ
@given(tables)
@example(b"party,votes\n" + b"x,1\n" * 3000)
@example(b"party,votes\na," + b"9" * 5000)
@example(b"party," * 20_000 + b"\n")
def test_a_table_of_votes_is_read_or_refused(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "votes.csv"
        path.write_bytes(content)
        for words in (["seats", str(path), "--seats", "10"], ["indices", str(path)]):
            said = io.StringIO()
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
                code = cli.main(words)
            assert code in (cli.DONE, cli.MISUSED), said.getvalue()
            assert "Traceback" not in said.getvalue()
