"""First use: every kernel that a model calls is compiled and kept before workers start, so that none compiles again."""

from __future__ import annotations

import contextlib

from sim.strict import InputError

SMALL = {"population.voters": 800, "mechanism.stations.count": 500}
SCENARIOS = ("kz-2004", "kz-2023")  # two rounds and blocs; groups that found parties


def prepare() -> None:
    """Compile what workers will call, unless that was done before; kernels say by themselves that it takes a while."""
    from sim.kernels import cache

    if not cache.all_there():
        with contextlib.suppress(InputError):  # these scenarios can be edited: then workers compile what they call
            call_kernels()
            cache.note_all_there()


def call_kernels() -> None:
    """Call each kernel of the model with the types of argument that runs call it with."""
    from sim.model import simulate
    from sim.scenario.load import load

    for name in SCENARIOS:
        small = load(name)
        for path, value in SMALL.items():
            small = small.vary(path, value, name=name)
        simulate(small, 1)
