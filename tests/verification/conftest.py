"""Makes the small runs of tests/model importable."""

import sys
from pathlib import Path

RUNS = str(Path(__file__).parents[1] / "model")
if RUNS not in sys.path:
    sys.path.insert(0, RUNS)
