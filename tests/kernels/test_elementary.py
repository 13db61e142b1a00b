"""exp, log and the normal quantile in single precision against double precision, over every argument that occurs."""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy.special import ndtri

from sim.kernels import elementary


@njit
def logs(x):
    out = np.empty_like(x)
    for i in range(x.size):
        out[i] = elementary.log(x[i])
    return out


@njit
def exps(x):
    out = np.empty_like(x)
    for i in range(x.size):
        out[i] = elementary.exp(x[i])
    return out


@njit
def normals(x):
    out = np.empty_like(x)
    for i in range(x.size):
        out[i] = elementary.normal(x[i])
    return out


@njit
def gumbels(x):
    out = np.empty_like(x)
    for i in range(x.size):
        out[i] = elementary.gumbel(x[i])
    return out


def uniforms(bits: int) -> np.ndarray:
    """Every uniform of so many bits."""
    return ((np.arange(2**bits) + 0.5) / 2**bits).astype(np.float32)


def test_log():
    x = np.exp(np.linspace(-85, 85, 1_000_003)).astype(np.float32)
    exact = np.log(x.astype(float))
    assert (np.abs(logs(x) - exact) <= 1e-7 * np.maximum(np.abs(exact), 1)).all()


def test_exp_and_where_it_stops():
    x = np.linspace(-87, 88, 1_000_003).astype(np.float32)
    exact = np.exp(x.astype(float))
    assert (np.abs(exps(x) - exact) <= 1.5e-7 * exact).all()
    assert exps(np.array([-1e30, 1e30], np.float32)).tolist() == exps(np.array([-87, 88], np.float32)).tolist()


def test_every_normal_that_can_be_drawn():
    u = uniforms(21)
    assert np.unique(u).size == 2**21  # single precision holds each exactly
    assert (np.abs(normals(u) - ndtri(u.astype(float))) < 2e-6).all()


def test_gumbels_that_can_be_drawn():
    u = uniforms(23)
    assert 0 < u[0] < u[-1] < 1
    u = np.concatenate([u[:2000], u[::97], u[-2000:]])
    assert (np.abs(gumbels(u) + np.log(-np.log(u.astype(float)))) < 2e-6).all()
