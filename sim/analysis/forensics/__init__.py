"""Election forensics on anybody's table of polling stations: what each test finds, rests on, and cannot tell."""

from __future__ import annotations

from sim.analysis.forensics.examine import Examination, examine
from sim.analysis.forensics.reading import read
from sim.analysis.forensics.stations import Stations

__all__ = ["Examination", "Stations", "examine", "read"]
