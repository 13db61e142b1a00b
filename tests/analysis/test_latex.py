"""Comparisons as LaTeX: whole tables, nothing unescaped, every row of the same length, nothing but booktabs."""

import re
import shutil
import subprocess
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.analysis.compare import compare
from sim.analysis.latex import escaped

ALLOWED = {
    *("begin", "end", "centering", "footnotesize", "scriptsize", "setlength", "tabcolsep", "caption", "linewidth"),
    *(
        "toprule",
        "midrule",
        "bottomrule",
        "multicolumn",
        "emph",
        "raggedright",
        "quad",
        "par",
        "smallskip",
        "usepackage",
    ),
    *("textbackslash", "textasciitilde", "textasciicircum", "textless", "textgreater"),
}
"""Commands of LaTeX itself and of booktabs."""


@pytest.fixture(scope="module")
def printed():
    rng = np.random.default_rng(2)
    rows = [
        {"scenario": name, "level": level, "replication": seed, "enp_seats": shift + x, "won_100%_share": -x}
        for name, shift in {"base_1": 0.0, "fair & open #2": 0.5, "a_$5~deal": 0.0, "both {x}": 1.0}.items()
        for level in ("low", "high")
        for seed, x in enumerate(rng.exponential(size=8))
    ]
    for row in rows[:3]:
        row["won_100%_share"] = None
    frame = pd.DataFrame(rows)
    names = list(dict.fromkeys(frame["scenario"]))
    store = SimpleNamespace(
        folder="x", experiment={}, scenarios=names, levels=["low", "high"], planned=[], to_frame=lambda table: frame
    )
    triple = ("fair & open #2", "a_$5~deal", "both {x}")
    return compare(store, ["enp_seats", "won_100%_share"], "base_1", [triple]).to_latex(bootstrap=True)


def tables(text):
    return re.findall(r"\\begin\{table\}.*?\\end\{table\}", text, flags=re.S)


def test_there_is_a_table_an_outcome_with_its_own_notes(printed):
    first, second = tables(printed)
    assert r"\caption{enp\_seats: difference from base\_1}" in first
    assert "has no value in" not in first
    assert r"won\_100\%\_share (level low) has no value in" in second
    for text in (first, second):
        assert text.index(r"\bottomrule") < text.index(r"\begin{minipage}") < text.index("Simulated under assumptions")


def test_every_row_has_five_cells(printed):
    for table in tables(printed):
        body = re.search(r"\\toprule(.*)\\bottomrule", table, flags=re.S)[1]
        rows = [line.strip() for line in body.splitlines() if line.strip().endswith(r"\\")]
        assert len(rows) > 8
        for row in rows:
            cells = re.split(r"(?<!\\)&", row)
            assert len(cells) == 5 or row.startswith(r"\multicolumn{5}")


def test_what_is_opened_is_closed(printed):
    opened, closed = (re.findall(rf"\\{word}\{{(\w+)\}}", printed) for word in ("begin", "end"))
    assert sorted(opened) == sorted(closed) == sorted(["table", "tabular", "minipage"] * 2)
    bare = re.sub(r"\\[{}]", "", printed)
    depth = 0
    for letter in bare:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        assert depth >= 0
    assert depth == 0


def test_no_command_but_those_of_latex_and_booktabs(printed):
    assert set(re.findall(r"\\([a-zA-Z]+)", printed)) <= ALLOWED
    assert set(re.findall(r"\\([^a-zA-Z])", printed)) <= set("\\&%$#_{}")


def test_nothing_means_something_to_latex_that_was_a_name(printed):
    for line in printed.splitlines():
        if not line.startswith("%"):
            assert not re.search(r"(?<!\\)[%#~^]", line)
            assert not re.search(r"(?<!\\)_", line)
    assert r"both \{x\}" in printed
    assert r"a\_\$5\textasciitilde{}deal" in printed


def test_signs_are_set_as_mathematics(printed):
    assert re.search(r"& \$\+\$0\.5", printed)
    assert not re.search(r"& [+-]\d", printed)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no LaTeX")
def test_latex_takes_it(printed, tmp_path):
    page = f"\\documentclass{{article}}\\usepackage{{booktabs}}\\begin{{document}}{printed}\\end{{document}}"
    (tmp_path / "t.tex").write_text(page, "utf-8")
    words = ["pdflatex", "-draftmode", "-halt-on-error", "-interaction=nonstopmode", "t.tex"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "Overfull" not in done.stdout


@given(st.text(alphabet="ab \\{}$&%#_~^<>-0", max_size=30))
def test_escaped_text_holds_the_letters_and_nothing_bare(text):
    out = escaped(text)
    back = out
    for sign, letter in {
        r"\textbackslash{}": "\0", r"\textasciitilde{}": "~", r"\textasciicircum{}": "^", r"\textless{}": "<",
        r"\textgreater{}": ">", r"\{": "{", r"\}": "}", r"\$": "$", r"\&": "&", r"\%": "%", r"\#": "#", r"\_": "_",
    }.items():  # fmt: skip
        back = back.replace(sign, letter)
    assert back.replace("\0", "\\") == text
