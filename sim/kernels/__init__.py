"""Compiled loops and array arithmetic: arrays in, arrays out, no objects and no Mesa."""

from sim.kernels import cache

cache.load_kernels()
