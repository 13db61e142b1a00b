"""The look every figure shares: colours with markers, plain words, the sheet with title and caption, and saving.

Colours are told apart under colour-vision deficiency only down to a CIECAM02 distance of 10.4, so nothing relies on
them alone: every series also has a marker or a direct label, and no text is set in them.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.textpath import TextPath
from matplotlib.typing import ColorType

from sim.strict import InputError

INK, SOFT_INK, RULE = "#1A1A1A", "#404040", "#C8C8C8"
"""Text; caption text (10:1 on white); lines that only guide the eye."""

FORMATS = ("png", "svg", "pdf")
DPI = 200

RC: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with Matplotlib, so that figures are the same everywhere
    "font.size": 9,
    "axes.labelsize": 9,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": SOFT_INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "text.color": INK,
    "grid.color": "#E2E2E2",
    "grid.linewidth": 0.7,
    "figure.facecolor": "white",
    "svg.hashsalt": "majilis",  # names inside the file do not change from run to run
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
}

_MARGIN, _TITLE, _SUBTITLE, _CAPTION = 0.14, 12.0, 9.5, 8.0  # inches; points
_LEADING = 1.32


class Look(NamedTuple):
    """What a series is drawn with; the marker alone is enough to tell it from the others."""

    colour: str
    marker: str


PARTY_LOOKS: Mapping[str, Look] = {
    "amanat_1999": Look("#0072B2", "o"),
    "auyl_2002": Look("#009E73", "s"),
    "respublica_2022": Look("#D55E00", "^"),
    "aq_jol_2002": Look("#56B4E9", "D"),
    "qhp_2004": Look("#AA3377", "P"),
    "jsdp_2007": Look("#E69F00", "v"),
    "baytaq_2022": Look("#DDCC55", "X"),
}
"""The parties whose looks are documented, by their whole key: a namesake of another year is another party."""

INDEPENDENT = Look("#444444", "h")

_OTHER_COLOURS = ("#117733", "#88CCEE", "#661100", "#F0E442", "#000000")
_OTHER_MARKERS = ("*", "<", "p", ">", "d", "8")  # neighbours of one colour have unlike shapes

CONDUCTS: Mapping[str, str] = {
    "party_of_power": "party of power",
    "pro_regime": "pro-regime",
    "soft_opposition": "soft opposition",
    "hard_opposition": "hard opposition",
    "unknown": "conduct unknown",
    "independent": "independents",
}
"""Behaviour classes in the order in which figures show them, in plain words."""

CONDUCT_LOOKS: Mapping[str, Look] = {
    "party_of_power": Look("#0072B2", "o"),
    "pro_regime": Look("#56B4E9", "s"),
    "soft_opposition": Look("#E69F00", "^"),
    "hard_opposition": Look("#D55E00", "D"),
    "unknown": Look("#AA3377", "v"),
    "independent": INDEPENDENT,
}

LEVEL_LOOKS: Mapping[str, Look] = {"low": Look("#0072B2", "o"), "high": Look("#D55E00", "D")}
LEVELS_SAY = "Levels low and high are two readings of the same official totals, with little and with much malpractice."

COLOURS_SAY = "Colours and markers are for legibility, not party branding."


class Sheet(Figure):
    """A Matplotlib figure that a notebook shows although pyplot never made it, and that knows its title and caption."""

    told: Mapping[str, str] = {}

    def _repr_png_(self) -> bytes:
        with io.BytesIO() as picture, mpl.rc_context(RC):
            FigureCanvasAgg(self).print_png(picture, metadata={"Software": None})
            return picture.getvalue()


def sheet(
    title: str,
    caption: str,
    *,
    subtitle: str = "",
    key: Mapping[str, Look] | None = None,
    joined: bool = True,
    width: float = 8.0,
    body: float = 4.0,
) -> Sheet:
    """An empty sheet: wrapped title and key above, wrapped caption below, ``body`` inches between for the axes.

    ``width`` and ``body`` are inches; the sheet grows with its texts. ``joined``: the marks of the key have a line
    through them. Axes are placed by constrained layout.
    """
    room = width - 2 * _MARGIN
    blocks: list[tuple[str, float, dict[str, Any]]] = [
        (wrapped(title, room, _TITLE, bold=True), _TITLE, {"weight": "bold"}),
        (wrapped(subtitle, room, _SUBTITLE), _SUBTITLE, {}),
        (wrapped(caption, room, _CAPTION), _CAPTION, {"color": SOFT_INK}),
    ]
    tall = [_height(text, size) for text, size, _ in blocks]
    columns, lines = _key_shape(key or {}, room)
    tall.append(0.28 + 0.19 * (lines - 1) if key else 0.0)
    head, foot = _MARGIN + tall[0] + tall[1] + tall[3] + 0.08, _MARGIN + tall[2] + 0.04
    total = head + body + foot
    figure = Sheet(figsize=(width, total), layout="constrained")
    FigureCanvasAgg(figure)
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.set(rect=(_MARGIN / width, foot / total, room / width, body / total))  # type: ignore[call-arg]
    tops = [total - _MARGIN, total - _MARGIN - tall[0], foot - 0.04]
    for (text, size, more), top in zip(blocks, tops, strict=True):
        if text:
            drawn = figure.text(_MARGIN / width, top / total, text, size=size, va="top", linespacing=_LEADING, **more)
            drawn.set_in_layout(False)
    if key:
        corner = (_MARGIN / width, (total - _MARGIN - tall[0] - tall[1]) / total)
        _draw_key(figure, key, corner, columns, lines, joined=joined)
    figure.told = {"title": title, "caption": " ".join(f"{subtitle} {caption}".split())}
    return figure


_HANDLE, _GAP = 1.8, 1.6  # of the key, in its letters' size


def _key_shape(key: Mapping[str, Look], room: float) -> tuple[int, int]:
    """Columns and lines of a key that is at most ``room`` inches wide."""
    widest = max((_em(word.replace(" ", "n"), False) for word in key), default=1.0) + _HANDLE + 0.8 + _GAP
    columns = max(1, min(len(key), int(room * 72 / 9 / widest)))
    lines = max(1, -(-len(key) // columns))
    return -(-len(key) // lines), lines


def _draw_key(
    figure: Sheet, key: Mapping[str, Look], corner: tuple[float, float], columns: int, lines: int, *, joined: bool
) -> None:
    """Markers with their meaning line by line; the upper left corner is given as shares of the sheet."""
    entries = list(key.items())
    by_column = [entries[i] for c in range(columns) for i in range(c, len(entries), columns)]  # how legends fill up
    drawn = figure.legend(
        handles=[
            Line2D([], [], color=look.colour, marker=look.marker, markersize=5, label=word, **_edged(look, joined))
            for word, look in by_column
        ],
        loc="upper left",
        bbox_to_anchor=corner,
        ncols=columns,
        frameon=False,
        fontsize=9,
        borderpad=0.3,
        borderaxespad=0.1,
        handlelength=_HANDLE if joined else 0.9,
        columnspacing=_GAP,
        labelspacing=0.3,
    )
    drawn.set_in_layout(False)


def _edged(look: Look, joined: bool) -> dict[str, Any]:
    """A line through the marker where the figure joins its points, and an edge where the colour is pale."""
    return {"linestyle": "-" if joined else "", "markeredgecolor": edge(look.colour), "markeredgewidth": 0.6}


def edge(colour: ColorType) -> str:
    """The edge of a marker: its own colour, or ink where the colour is too pale to stand out from white (3 to 1)."""
    return INK if 1.05 / (_luminance(colour) + 0.05) < 1.7 else str(colour)


def wrapped(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """The text broken into lines at most ``width`` inches wide at ``size`` points; given line breaks are kept."""
    room = 0.97 * width * 72 / size  # em; hinting at low resolution widens text by up to 3 %
    gap = _em("n n", bold) - 2 * _em("n", bold)
    lines = []
    for paragraph in text.splitlines():
        line: list[str] = []
        used = 0.0
        for word in paragraph.split():
            more = _em(word, bold)
            if line and used + gap + more > room:
                lines.append(" ".join(line))
                line, used = [], 0.0
            used += more + (gap if line else 0.0)
            line.append(word)
        lines.append(" ".join(line))
    return "\n".join(lines)


@cache
def _em(word: str, bold: bool) -> float:
    """Width of a word in units of its size; measured once, since outlines are slow."""
    font = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")
    return float(TextPath((0, 0), word, size=100, prop=font).get_extents().width) / 100


def _height(text: str, size: float) -> float:
    return (text.count("\n") + 1) * size * _LEADING / 72 if text else 0.0


def party_looks(parties: Iterable[str]) -> dict[str, Look]:
    """A look for each party, in the order given; no two of up to 30 parties without a documented colour share one."""
    looks, others = {}, 0
    for party in parties:
        if party in PARTY_LOOKS:
            looks[party] = PARTY_LOOKS[party]
        else:
            colour, marker = _OTHER_COLOURS[others % 5], _OTHER_MARKERS[others % 6]
            looks[party], others = Look(colour, marker), others + 1
    return looks


def short_name(display: str) -> str:
    """A party's name as a label has room for it: whole up to 24 characters."""
    return textwrap.shorten(display, 24, placeholder=" ...")


def ink_on(colour: ColorType) -> str:
    """Black or white, whichever has more contrast on the colour: at least 4.5 to 1 on any."""
    luminance = _luminance(colour)
    return "#000000" if (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) else "#FFFFFF"


def _luminance(colour: ColorType) -> float:
    """Relative luminance, 0 black to 1 white (sRGB, WCAG 2.2)."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def signed(value: float, digits: int = 1) -> str:
    """A difference with its sign, as print shows it: +3.1, −0.4, 0.0."""
    text = f"{abs(value):.{digits}f}"
    return text if not text.strip("0.") else ("+" if value > 0 else "−") + text


def spread(
    wanted: Sequence[float], gap: float, lowest: float | None = None, highest: float | None = None
) -> list[float]:
    """Ascending places at least ``gap`` apart, as near to the wanted ones as that allows (least squares).

    ``lowest`` lifts places that would lie below it, ``highest`` lowers those above; both are kept where there is room.
    """
    blocks: list[tuple[float, int]] = []  # sum of what a block's members want of its first place, and their number
    for place, height in enumerate(wanted):
        blocks.append((height - place * gap, 1))
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            (total, count), (before, others) = blocks.pop(), blocks.pop()
            blocks.append((before + total, others + count))
    starts = [total / count for total, count in blocks for _ in range(count)]
    if highest is not None:
        starts = [min(start, highest - (len(starts) - 1) * gap) for start in starts]
    if lowest is not None:
        starts = [max(start, lowest) for start in starts]
    return [start + place * gap for place, start in enumerate(starts)]


def save(figure: Figure, path: Path | str) -> Path:
    """Write a figure by the ending of its name (png, svg or pdf): the same bytes each time, so without dates.

    Title and caption are also told in the file's own words about itself, for search and for screen readers.

    Raises InputError for another ending.
    """
    path = Path(path)
    ending = path.suffix.lstrip(".").lower()
    if ending not in FORMATS:
        raise InputError(f'format "{ending}" is not known; write {", ".join(FORMATS[:-1])} or {FORMATS[-1]}.')
    told = figure.told if isinstance(figure, Sheet) else {}
    title, caption = told.get("title"), told.get("caption")
    metadata: dict[str, Any] = {
        "png": {"Software": None, **({"Title": title, "Description": caption} if title else {})},
        "svg": {"Date": None, "Creator": None, **({"Title": title, "Description": caption} if title else {})},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None, "Title": title, "Subject": caption},
    }[ending]
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(RC):
        figure.savefig(path, format=ending, dpi=DPI, metadata=metadata)
    return path
