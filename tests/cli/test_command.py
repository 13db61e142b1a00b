"""The command as a whole: help at once, the nearest verb, one message for each fault, and the right exit code."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import types

import pytest

import sim
from sim import cli
from sim.strict import InputError


@pytest.fixture
def verb(monkeypatch):
    """Puts a function in the place of the verb `law`."""

    def put(function):
        module = types.ModuleType("a_verb")
        module.law = function
        monkeypatch.setitem(sys.modules, "a_verb", module)
        monkeypatch.setitem(cli.VERBS, "law", cli.Verb("a_verb:law", ""))

    return put


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",), ("help",)])
def test_help_lists_every_verb_in_80_columns(words, majilis):
    said = majilis(*words)
    assert said.code == 0
    for name in cli.VERBS:
        assert f"\n  {name} " in said.out
    assert max(map(len, said.out.splitlines())) <= 80


@pytest.mark.parametrize("name", cli.VERBS)
def test_every_verb_is_there_and_explains_itself(name, majilis):
    module, _, function = cli.VERBS[name].function.partition(":")
    assert getattr(importlib.import_module(module), function).__doc__
    said = majilis(name, "--help")
    assert said.code == 0
    assert said.out.startswith(f"Usage: majilis {name} ")
    assert max(map(len, said.out.splitlines())) <= 80


def test_version(majilis):
    assert majilis("--version").out == f"majilis {sim.__version__}\n"


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("rnu", 'unknown verb "rnu". Did you mean "run"?'),
        ("compere", 'unknown verb "compere". Did you mean "compare"?'),
        ("zzz", 'unknown verb "zzz". (majilis --help lists the verbs)'),
        ("--verbose", 'unknown option "--verbose".'),
    ],
)
def test_an_unknown_verb_comes_with_the_nearest(word, message, majilis):
    said = majilis(word)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(message)


def test_an_unknown_option_is_explained_without_a_traceback(majilis):
    said = majilis("run", "kz-2023", "--histry", "3")
    assert said.code == 2
    assert "--histry" in said.err
    assert "--history" in said.err
    assert "Traceback" not in said.err


def test_what_cannot_be_done_is_one_message_and_exit_code_2(verb, majilis):
    def law():
        raise InputError("registration.members = -1 must be at least 0.")

    verb(law)
    assert majilis("law") == (2, "", "registration.members = -1 must be at least 0.\n")


def test_a_fault_of_the_program_says_so_and_debug_shows_the_traceback(verb, majilis):
    def law():
        raise ZeroDivisionError("division\nby zero")

    verb(law)
    said = majilis("law")
    assert said.code == 1
    assert said.err.startswith(
        "majilis: ZeroDivisionError: division by zero\nThis is a fault of the program; run with --"
    )
    said = majilis("law", "--debug")
    assert said.code == 1
    assert "Traceback (most recent call last)" in said.err


def test_debug_shows_where_input_was_refused(majilis):
    said = majilis("--debug", "check", "kz-2032")
    assert said.code == 2
    assert "Traceback" in said.err
    assert 'unknown scenario "kz-2032"' in said.err


def test_a_verb_that_is_stopped_says_so(verb, majilis):
    def law():
        raise KeyboardInterrupt

    verb(law)
    assert majilis("law") == (130, "", "majilis: stopped.\n")


def test_a_verb_may_end_with_a_code_of_its_own(verb, majilis):
    import typer

    def law():
        raise typer.Exit(1)

    verb(law)
    assert majilis("law").code == 1


def fresh(*words, **more):
    """The command in a process of its own."""
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False, **more)


def test_help_and_versions_load_no_library():
    ask = "import sys; from sim.cli import main; main(['--help']); main(['--version']); main(['rnu'])\n"
    done = fresh("-c", f"{ask}print('loaded:', *sorted(set(sys.modules) & {{'typer', 'pydantic', 'numpy', 'rich'}}))")
    assert done.stdout.splitlines()[-1] == "loaded:"


def test_the_package_is_the_command():
    done = fresh("-m", "sim", "rnu")
    assert done.returncode == 2
    assert 'Did you mean "run"?' in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs a shell with pipes")
@pytest.mark.parametrize("words", ["--help", "law kazakhstan"])
def test_a_reader_that_goes_away_is_no_fault(words):
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-m", "sim", *words.split()], stdout=pipe, stderr=pipe, text=True
    ) as reading:
        reading.stdout.close()
        assert reading.stderr.read() == ""


def test_names_a_terminal_cannot_show_do_not_stop_the_command():
    place = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = fresh("-c", "from sim.cli import main, _speak_any_language as s; s(); print('Әділет')", env=place)
    assert done.returncode == 0
    assert done.stdout == "??????\n"
