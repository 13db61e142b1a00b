"""The verb `completion`: what makes a shell complete verbs, options and names, by asking the command itself."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import EnumType, StrEnum
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer
from typer.models import ArgumentInfo

from sim.strict import InputError


class Shell(StrEnum):
    """Shells that can be helped."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"


_SCRIPTS = {
    Shell.bash: """\
# To use it now: source <(majilis completion bash)
# To keep it:    majilis completion bash > ~/.local/share/bash-completion/completions/majilis
_majilis() {
    local IFS=$'\\n'
    COMPREPLY=($("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o bashdefault -o default -F _majilis majilis
""",
    Shell.zsh: """\
#compdef majilis
# To use it now: autoload -U compinit && compinit && source <(majilis completion zsh)
# To keep it:    majilis completion zsh > a folder of $fpath, under the name _majilis
_majilis() {
    local -a found
    found=("${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -n "${found[1]}" ]]; then
        compadd -a found
    else
        _files
    fi
}
if [[ "${funcstack[1]}" == "_majilis" ]]; then
    _majilis "$@"
else
    compdef _majilis majilis
fi
""",
    Shell.fish: """\
# To use it now: majilis completion fish | source
# To keep it:    majilis completion fish > ~/.config/fish/completions/majilis.fish
function __majilis
    set -l typed (commandline -opc) (commandline -ct)
    set -l found ($typed[1] __complete $typed[2..-1] 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c majilis -f -a '(__majilis)'
""",
}


def completion(
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
) -> None:
    """Print a script with which a shell completes verbs, options and names; its first lines say how to use it."""
    typer.echo(_SCRIPTS[shell], nl=False)


@dataclass(frozen=True)
class Parameter:
    """An argument or option of a verb: its name in the verb's function, and how it is written on the command line."""

    name: str
    written: tuple[str, ...] = ()  # of an option
    flag: bool = False
    many: bool = False
    choices: tuple[str, ...] = ()


def candidates(words: Sequence[str]) -> list[str]:
    """What may stand in the place of the last word, after the words before it; nothing where files may."""
    from sim import cli

    *before, typed = words or [""]
    if not before:
        return _fitting([*cli.VERBS, "--help", "--version"], typed)
    if before[0] not in cli.VERBS:
        return []
    verb, given = before[0], before[1:]
    parameters = _parameters(verb)
    options = {name: one for one in parameters for name in one.written}
    awaited = options.get(given[-1]) if given else None
    if awaited is not None and not awaited.flag:
        return _fitting(_values(verb, awaited, given), typed)
    if typed.startswith("-"):
        return _fitting([*(name for name in options if name not in given), "--help"], typed)
    places = [one for one in parameters if not one.written]
    filled = len(_positional(given, options))
    if not places or (filled >= len(places) and not places[-1].many):
        return []
    return _fitting(_values(verb, places[min(filled, len(places) - 1)], given), typed)


def _parameters(verb: str) -> list[Parameter]:
    """The arguments and options of a verb, read off its function as Typer reads them."""
    from sim import cli

    module, _, name = cli.VERBS[verb].function.partition(":")
    hints = get_type_hints(getattr(importlib.import_module(module), name), include_extras=True)
    found = []
    for parameter, hint in hints.items():
        if parameter == "return":
            continue
        kind, mark = get_args(hint)[:2]
        options: list[Any] = [one for one in (get_args(kind) or (kind,)) if one is not type(None)]
        members: Iterable[Any] = options[0] if isinstance(options[0], EnumType) else ()
        choices = tuple(map(str, members))
        written = tuple(mark.param_decls or (f"--{parameter.replace('_', '-')}",))
        if isinstance(mark, ArgumentInfo):
            many = any(get_origin(option) is list for option in (kind, *options))
            found.append(Parameter(parameter, many=many, choices=choices))
        else:
            found.append(Parameter(parameter, written, flag=bool in options, choices=choices))
    return found


def _fitting(names: Iterable[str], typed: str) -> list[str]:
    """Names that begin with what is typed; of a list with commas the last part is completed."""
    first, comma, last = typed.rpartition(",")
    return [f"{first}{comma}{name}" for name in dict.fromkeys(names) if name.startswith(last)]


def _positional(given: Sequence[str], options: Mapping[str, Parameter]) -> list[str]:
    """The words that are neither options nor their values."""
    found, skip = [], False
    for word in given:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in options and not options[word].flag
        else:
            found.append(word)
    return found


def _values(verb: str, parameter: Parameter, given: Sequence[str]) -> list[str]:
    """What an option or argument may be."""
    if parameter.choices:
        return list(parameter.choices)
    source = _SOURCES.get((verb, parameter.name)) or _SOURCES.get(("", parameter.name))
    try:
        return source([word for word in given if not word.startswith("-")]) if source else []
    except InputError:  # what is typed so far names nothing: there is nothing to complete from
        return []


def _scenarios(given: Sequence[str]) -> list[str]:
    from sim.scenario import catalogue

    return list(catalogue.shipped("scenario"))


def _experiments(given: Sequence[str]) -> list[str]:
    from sim.scenario import catalogue

    return list(catalogue.shipped("experiment"))


def _folders(given: Sequence[str]) -> list[str]:
    """Folders of results below results/, by the name under which verbs find them."""
    return sorted(path.parent.name for path in Path("results").glob("*/provenance.json"))


def _held(given: Sequence[str]) -> list[str]:
    """The scenarios of the folder that was named."""
    from sim.cli.runs_store import open_results

    return open_results(Path(given[0])).scenarios if given else []


def _cases(given: Sequence[str]) -> list[str]:
    from sim import cases

    return list(cases.names())


def _rules(given: Sequence[str]) -> list[str]:
    from sim.cli.law import law_of

    return list(law_of(given[0]).parameters) if given else []


def _groups(given: Sequence[str]) -> list[str]:
    from sim.cli.explain import keys

    return keys(given[0]) if given else []


def _outcomes(given: Sequence[str]) -> list[str]:
    from sim.measures.names import MEASURES

    return list(MEASURES)


def _tables(given: Sequence[str]) -> list[str]:
    from sim.batch.tables import TABLES

    return list(TABLES)


def _formulas(given: Sequence[str]) -> list[str]:
    from sim.law.apportionment import FORMULAS

    return list(FORMULAS)


def _formats(given: Sequence[str]) -> list[str]:
    from sim.figures.style import FORMATS

    return list(FORMATS)


_SOURCES: dict[tuple[str, str], Callable[[Sequence[str]], list[str]]] = {
    ("run", "scenario"): _scenarios,
    ("diff", "first"): _scenarios,
    ("diff", "second"): _scenarios,
    ("check", "files"): lambda given: [*_scenarios(given), *_experiments(given)],
    ("batch", "experiment"): _experiments,
    ("explain", "place"): lambda given: [*_scenarios(given), *_folders(given)],
    ("explain", "party"): _groups,
    ("explain", "scenario"): _held,
    ("compare", "against"): _held,
    ("compare", "outcomes"): _outcomes,
    ("export", "table"): _tables,
    ("figures", "format"): _formats,
    ("law", "case"): _cases,
    ("law", "parameter"): _rules,
    ("seats", "formula"): _formulas,
    ("seats", "base"): lambda given: ["valid", "cast"],
    ("seats", "ties"): lambda given: ["order", "votes"],
    ("", "folder"): _folders,
}
"""Where the words for an option or argument come from, by verb ("": any) and its name in the verb's function."""
