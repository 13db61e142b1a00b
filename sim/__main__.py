"""``python -m sim`` is the command ``majilis``."""

import sys

from sim.cli import main

if __name__ == "__main__":  # worker processes import this module without being the command
    sys.exit(main())
