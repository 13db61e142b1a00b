"""Where direct labels stand, so that none lies on another and no two of their lines cross."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from sim.figures import style

_LINE = {
    "arrowstyle": "-",
    "color": style.SOFT_INK,
    "linewidth": 0.5,
    "relpos": (0.0, 0.5),  # from the label's left end
    "shrinkA": 2,
    "shrinkB": 4,
}
_COLUMN = 1.03  # of the axes' width: where a column of labels starts


def column(ax: Axes, points: Sequence[tuple[float, float]], words: Sequence[str], *, height: float) -> None:
    """Labels in a column right of the axes, each joined to its point; ``height`` is that of the axes in inches.

    Points are data; the axes' limits must stand before. The labels stand in the order in which their lines are
    shortest in all: such lines never cross.
    """
    if not points:
        return
    from scipy.optimize import linear_sum_assignment

    to_axes = ax.transData + ax.transAxes.inverted()
    places = to_axes.transform(np.asarray(points, float))
    gap = 8 * 1.45 / 72 / height
    slots = style.spread(sorted(places[:, 1]), gap, lowest=0.0, highest=1.0)
    lengths = np.hypot(_COLUMN - places[:, :1], np.asarray(slots)[None, :] - places[:, 1:])
    for point, slot in zip(*linear_sum_assignment(lengths), strict=True):
        ax.annotate(
            words[point],
            xy=(float(points[point][0]), float(points[point][1])),
            xytext=(_COLUMN, slots[slot]),
            textcoords=ax.transAxes,
            va="center_baseline",
            size=8,
            annotation_clip=False,
            arrowprops=_LINE,
        )
