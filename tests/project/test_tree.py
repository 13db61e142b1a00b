"""The checkout names no machine and no package index, and its pages agree with one another."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

# The expressions are written so that they do not match themselves. A folder counts only where a path starts: the same
# word inside an address or a relative path is nobody's machine.
FORBIDDEN = {
    "a path of one machine": r"(?<![\w.\-/>*})])/(root|home/\w+|Users/\w+|tmp|work|opt|mnt|srv|private)/",
    "a Windows path": r"\b[A-Z]:\\(Users|Temp)\b",
    "a file address": r"\bfile:/(//)",
    "the host of a package index": r"\b(pypi\.(org|python)|(test|files)\.(pypi|pythonhosted)|registry\.(npmjs|yarnpkg)"
    r"|(conda|repo)\.(anaconda)\.|download\.(pytorch)\.|proxy\.(golang)\.)",
    "an option that names a package index": r"--?(extra-)?(index-url|find-links)[ =]\S*://",
}
# The folder of studies beside the project is named only where it is skipped when absent, and where its terms are told.
BESIDE = r"\.\./(shared)\b"


def tracked() -> list[Path]:
    """Files that git tracks or would track; all text files of interest where there is no git."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def texts() -> list[tuple[str, str]]:
    """(path within the checkout, text) of every tracked file that is text."""
    found = []
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content:
            found.append((path.relative_to(ROOT).as_posix(), content.decode("utf-8")))
    return found


def hits(pattern: str, files: list[tuple[str, str]]) -> list[str]:
    """``path:line: text`` wherever the pattern matches."""
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in files
        for number, line in enumerate(text.splitlines(), start=1)
        if re.search(pattern, line)
    ]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_names(what: str) -> None:
    assert hits(FORBIDDEN[what], texts()) == []


def test_the_folder_of_studies_is_named_only_in_tests_and_licences() -> None:
    files = [(name, text) for name, text in texts() if not name.startswith("tests/") and name != "DATA_LICENSES.md"]
    assert hits(BESIDE, files) == []


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("open('/" + "tmp/x.csv')", "a path of one machine"),
        ("see /" + "root/thing", "a path of one machine"),
        ("https://pypi." + "org/simple", "the host of a package index"),
        ("https://files.python" + "hosted.org/x", "the host of a package index"),
    ],
)
def test_the_expressions_find_what_they_are_for(line: str, what: str) -> None:
    assert re.search(FORBIDDEN[what], line)


@pytest.mark.parametrize("line", ["https://example.org/work/1", "results/work/x", "../opt/x", "network/tmp/"])
def test_the_expressions_leave_addresses_and_relative_paths_alone(line: str) -> None:
    assert not any(re.search(pattern, line) for pattern in FORBIDDEN.values())


def test_one_version_everywhere() -> None:
    version = PROJECT["version"]
    cited = re.search(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert cited is not None
    assert newest is not None
    assert (cited[1], newest[1]) == (version, version)


def test_the_readme_names_only_targets_that_exist() -> None:
    readme = ROOT / "README.md"
    if not readme.exists():
        pytest.skip("there is no README.md")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    code = re.findall(r"```.*?```|`[^`\n]+`", readme.read_text("utf-8"), re.DOTALL)  # "make sense" is prose
    named = set(re.findall(r"\bmake ((?!-)[a-z]+)", "\n".join(code)))
    assert named <= targets
