"""The law through time as dated: values, uncertain days, what is assumed or unknown, and what it asks in effect."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from sim import cases
from sim.figures import facts, law_timeline
from sim.figures.law_timeline import SHOWN, _year, effective, spans
from sim.law.registration import effective_threshold
from sim.law.timeline import Law
from sim.society import geography
from sim.strict import InputError

MEMBERS = "registration.members"


@pytest.fixture(scope="module")
def law() -> Law:
    return Law.load(cases.folder("kazakhstan"))


def of(ax: Any, gid: str) -> list[Any]:
    return [artist for artist in [*ax.lines, *ax.patches] if artist.get_gid() == gid]


def said(figure: Any, which: int) -> str:
    return " ".join(figure.texts[which].get_text().split())


def test_the_steps_are_the_values_of_the_law(law: Law) -> None:
    figure = law_timeline(parameters=[MEMBERS])
    steps = of(figure.axes[0], "value")
    for step in steps:
        left, right = step.get_xdata()
        middle = date.fromordinal(date(int((left + right) / 2), 7, 1).toordinal())
        assert law.parameters[MEMBERS].on(middle).value == step.get_ydata()[0]
    assert [step.get_ydata()[0] for step in steps] == [entry.value for entry in law.parameters[MEMBERS].history]
    assert (
        said(figure, 0)
        == "Kazakhstan: members a party needs to be registered from 3,000 (1996) to 50,000 (2002) to 5,000 (2022)"
    )


def test_an_uncertain_day_is_hatched_over_its_whole_interval(law: Law) -> None:
    figure = law_timeline(parameters=[MEMBERS])
    grounds = {(round(p.get_x(), 6), round(p.get_x() + p.get_width(), 6)) for p in of(figure.axes[0], "uncertain")}
    unsure = [e.since for e in law.parameters[MEMBERS].history if e.since.first != e.since.last]
    assert grounds == {(round(_year(s.first), 6), round(_year(s.last), 6)) for s in unsure}
    assert all(p.get_hatch() for p in of(figure.axes[0], "uncertain"))
    assert f"{len(unsure)} with an uncertain day" in said(figure, -1)


def test_what_is_assumed_unknown_or_absent_is_marked() -> None:
    figure = law_timeline(parameters=["registration.notice_by", "registration.initiative_group", "list.threshold"])
    notice, group, threshold = figure.axes
    words = [[text.get_text() for text in ax.texts] for ax in figure.axes]
    assert "unknown" in words[0]
    assert "unknown" in words[1]
    assert "no such rule" in words[2]
    assert "organising committee" in words[0]
    assert len(of(notice, "assumed")) == 1
    assert [bar.get_linestyle() for bar in of(notice, "value")] == ["--", "-"]
    assert len(of(group, "from the text of the act")) == 1
    assert {"7 %", "5 %"} <= set(words[2])
    assert of(threshold, "value")[0].get_xdata()[0] == pytest.approx(_year(date(1999, 5, 6)))


def test_sources_and_assumptions_are_counted(law: Law) -> None:
    caption = said(law_timeline(), -1)
    entries = [entry for name in SHOWN for entry in law.parameters[name].history]
    sources = {entry.source for entry in entries if entry.source}
    assumed = sum(bool(entry.assumed) for entry in entries)
    assert (
        f"n = {len(entries)} entries of {len(SHOWN)} parameters: {len(entries) - assumed} from {len(sources)} sources"
        in caption
    )
    assert f"{assumed} assumed" in caption
    assert "interval" in caption


def test_every_election_is_a_line_in_every_row() -> None:
    figure = law_timeline()
    days = facts.elections("kazakhstan")
    for ax in figure.axes:
        assert [line.get_xdata()[0] for line in of(ax, "election")] == [_year(day) for day in days.values()]
    named = [text.get_text() for text in figure.axes[0].texts]
    assert set(days) <= set(named)


def test_the_number_in_effect_is_that_of_the_smallest_region(law: Law) -> None:
    found = effective("kazakhstan", law, date(1996, 1, 1), date(2024, 1, 1))
    assert found[0][0] == date(2002, 7, 15)  # the regional minimum before is unknown
    register = {r.iso: r.register for r in geography.load(cases.folder("kazakhstan")).regions}
    last = effective_threshold(law.on(date(2023, 3, 19)), register)
    assert found[-1][2] == last > 5000
    assert all(members >= law.on(start).registration.members for start, _, members in found)
    before = next(members for start, end, members in found if start <= date(2012, 1, 15) < end)
    assert before == law.on(date(2012, 1, 15)).registration.members  # 600 in each of 16 large regions bind nobody
    ax = law_timeline().axes[0]
    assert [line.get_ydata()[0] for line in of(ax, "effective")][-1] == last
    assert f"in effect {last:,}" in [text.get_text() for text in ax.texts]


def test_spans_cover_the_years_without_gaps(law: Law) -> None:
    own = spans(law.parameters["chamber.seats"], date(1990, 1, 1), date(2030, 1, 1))
    assert own[0].start == date(1990, 1, 1)
    assert own[-1].end == date(2030, 1, 1)
    assert all(one.end == two.start for one, two in pairwise(own))
    assert own[0].status == "unknown"


def test_the_years_can_end_earlier() -> None:
    ax = law_timeline(parameters=[MEMBERS], until=date(2010, 1, 1)).axes[0]
    assert ax.get_xlim()[1] == pytest.approx(2010)
    assert of(ax, "value")[-1].get_ydata()[0] == 40000
    assert "2023" not in [text.get_text() for text in ax.texts]
    with pytest.raises(InputError, match="lies before the first entry"):
        law_timeline(parameters=[MEMBERS], until=date(1980, 1, 1))


def test_an_invented_law_says_so() -> None:
    figure = law_timeline("textbook")
    assert said(figure, -1).startswith("Country, law and dates are invented for teaching")
    (key,) = figure.legends
    assert [text.get_text() for text in key.get_texts()] == ["dated entry, invented"]


def test_an_unknown_case_or_parameter_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match='Did you mean "kazakhstan"'):
        law_timeline("kazakstan")
    with pytest.raises(InputError, match=r'Did you mean "registration\.members"'):
        law_timeline(parameters=["registration.member"])
