"""A table exported from a store of runs is known for what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.analysis.forensics import reading
from sim.strict import InputError

HEAD = "key,scenario,level,replication,region,station,voters,given,cast,leader\n"


def test_one_run_is_said_to_be_simulated(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text(HEAD + "".join(f"a,x,low,1,KZ-1,{n},100,{50 + n},{50 + n},{20 + n}\n" for n in range(20)), "utf-8")
    assert reading.read(path).simulated


def test_several_runs_are_not_one_country(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text(HEAD + "a,x,low,1,KZ-1,1,100,50,50,20\nb,x,low,2,KZ-1,1,100,50,50,20\n", "utf-8")
    with pytest.raises(InputError, match="stations of 2 simulated runs"):
        reading.read(path)


def test_a_file_of_an_office_is_not_simulated(tmp_path: Path) -> None:
    path = tmp_path / "office.csv"
    path.write_text("region,station,voters,given,cast,leader\nA,1,100,50,50,20\nA,2,100,60,60,20\n", "utf-8")
    assert not reading.read(path).simulated
