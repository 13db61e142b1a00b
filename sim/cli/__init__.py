"""The command: finds the verb, and turns what goes wrong into one message and an exit code.

A verb's module is imported only when the verb is called, so that help comes at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NamedTuple

WIDTH = 80
"""Columns that every terminal has."""

DONE, FAULT, MISUSED, STOPPED = 0, 1, 2, 130
"""Exit codes: all well; a fault of the program; something asked for that cannot be done; stopped by the user."""


COMPLETE = "__complete"
"""What a shell asks for words that may follow; no verb for people."""


class Verb(NamedTuple):
    """A verb of the command: the function behind it, and what the list of verbs says of it."""

    function: str
    summary: str


PANELS: dict[str, dict[str, Verb]] = {
    "What is asked": {
        "scenarios": Verb("sim.cli.scenarios:scenarios", "list the scenarios and experiments that are there"),
        "check": Verb("sim.cli.scenarios:check", "read scenario and experiment files and report every fault"),
        "diff": Verb("sim.cli.diff:diff", "two scenarios side by side: law, practice, whatever differs"),
        "law": Verb("sim.cli.law:law", "what the law says on a day, by which act, and who says so"),
        "schema": Verb("sim.cli.scenarios:schema", "print the JSON Schema of scenario files"),
    },
    "Elections": {
        "run": Verb("sim.cli.run:run", "simulate one election, or decades of party life"),
        "explain": Verb("sim.cli.explain:explain", "why a party was registered, was refused, or never got there"),
        "batch": Verb("sim.cli.runs_store:batch", "run every scenario of an experiment many times"),
    },
    "Results": {
        "status": Verb("sim.cli.runs_store:status", "what a folder of results holds, and how to go on"),
        "compare": Verb("sim.cli.runs_store:compare", "compare scenarios seed by seed, with intervals"),
        "figures": Verb("sim.cli.figures:figures", "draw every figure the results allow"),
        "export": Verb("sim.cli.runs_store:export", "write a table of results as CSV"),
    },
    "Your own figures": {
        "seats": Verb("sim.cli.onfile:seats", "give out seats by the votes in a CSV file"),
        "indices": Verb("sim.cli.onfile:indices", "effective parties, disproportionality, power, from a CSV file"),
        "forensics": Verb("sim.cli.forensics:forensics", "what tests find in a table of stations, and cannot tell"),
    },
    "Your machine": {
        "warm": Verb("sim.cli.warm:warm", "compile the voter kernels now, so that no run has to wait for it"),
        "completion": Verb("sim.cli.completion:completion", "print what completes verbs, options and names with TAB"),
    },
}
"""Every verb, in the groups in which help shows them."""

VERBS = {name: verb for panel in PANELS.values() for name, verb in panel.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (by default those it was called with); returns the exit code.

    0 all well; 1 a fault of the program; 2 something asked for that cannot be done; 130 stopped with Ctrl-C. With
    ``--debug`` among the arguments every fault shows its traceback.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    _speak_any_language()
    try:
        code = _answer(words)
        sys.stdout.flush()  # a reader that has gone away is noticed here rather than at exit
        return code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAULT
    except KeyboardInterrupt:
        return _stopped()
    except Exception as fault:
        return _explain(fault, debug=debug)


def _answer(words: list[str]) -> int:
    """Say what needs no verb, or call the verb."""
    if not words or words[0] in ("--help", "-h", "help"):
        print(_help())
        return DONE
    name, *rest = words
    if name == "--version":
        from sim import __version__

        print(f"majilis {__version__}")
        return DONE
    if name in VERBS:
        return _call(name, rest)
    if name == COMPLETE:
        from sim.cli.completion import candidates

        print("".join(f"{word}\n" for word in candidates(rest)), end="")
        return DONE
    import difflib

    near = difflib.get_close_matches(name, VERBS, n=1)
    guess = f' Did you mean "{near[0]}"?' if near else ""
    what = "option" if name.startswith("-") else "verb"
    print(f'unknown {what} "{name}".{guess} (majilis --help lists the verbs)', file=sys.stderr)
    return MISUSED


def _call(name: str, words: list[str]) -> int:
    """Run one verb; Typer reads its options and explains those it does not understand."""
    import importlib

    import typer

    module, _, function = VERBS[name].function.partition(":")
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command(name, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH})(
        getattr(importlib.import_module(module), function)
    )
    try:
        typer.main.get_command(app).main(args=words, prog_name=f"majilis {name}")
    except SystemExit as end:
        if end.code == STOPPED:
            return _stopped()
        return end.code if isinstance(end.code, int) else DONE
    return DONE


def _help() -> str:
    widest = max(map(len, VERBS))
    lines = [
        "majilis: a laboratory for managed elections",
        "",
        "Usage: majilis VERB ...          majilis VERB --help explains a verb",
    ]
    for panel, verbs in PANELS.items():
        lines += ["", panel, *(f"  {name:{widest}}  {verb.summary}" for name, verb in verbs.items())]
    lines += ["", "Options", "  --help, --version", "  --debug  show tracebacks", "", "Begin with: majilis run kz-2023"]
    return "\n".join(lines)


def _explain(fault: Exception, *, debug: bool) -> int:
    """Tell what went wrong in one message; a fault of the program says so."""
    from sim.strict import InputError

    ours = isinstance(fault, InputError)
    if debug:
        import traceback

        traceback.print_exception(fault)
    elif ours:
        _complain(str(fault))
    else:
        what = " ".join(f"{type(fault).__name__}: {fault}".split())
        _complain(f"majilis: {what}\nThis is a fault of the program; run with --debug and report it.")
    return MISUSED if ours else FAULT


def _complain(message: str) -> None:
    print(wrapped(message) if sys.stderr.isatty() else message, file=sys.stderr)


def wrapped(message: str, width: int = WIDTH) -> str:
    """A message in lines that a terminal holds; keys, paths, and what stands in quotes are not broken.

    For people only: what another program reads keeps a line a fault.
    """
    import re
    import textwrap

    def whole(found: re.Match[str]) -> str:
        return found[0].replace(" ", "\0")

    lines = []
    for line in message.splitlines():
        margin = " " * (len(line) - len(line.lstrip()) + 2)
        kept = re.sub(r'"[^"\n]{1,60}"| %', whole, line)
        parts = textwrap.wrap(kept, width, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False)
        lines += [part.replace("\0", " ") for part in parts] or [""]
    return "\n".join(lines)


def _stopped() -> int:
    print("majilis: stopped.", file=sys.stderr)
    return STOPPED


def _speak_any_language() -> None:
    """Names in Kazakh and Russian must not stop the command where a terminal cannot show them."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
