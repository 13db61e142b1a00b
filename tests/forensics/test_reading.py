"""Files as offices make them: separators, encodings, thousands, odd headers, missing columns, rows that cannot be."""

from __future__ import annotations

import gzip
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.analysis.forensics import examine, read
from sim.analysis.forensics.columns import Asked, read_map
from sim.analysis.forensics.reading import EMPTY, UNREAD, counts
from sim.strict import InputError

HEAD = "region,station,voters,given,cast,leader"
ROWS = ["North,1,1000,600,598,300", "North,2,2000,1100,1100,500", "South,3,1500,800,799,420"]


def write(path, lines, encoding="utf-8", end="\n"):
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


def same(stations):
    assert stations.voters.tolist() == [1000, 2000, 1500]
    assert stations.given.tolist() == [600, 1100, 800]
    assert stations.cast.tolist() == [598, 1100, 799]
    assert stations.leader.tolist() == [300, 500, 420]
    return stations


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_separators_marks_and_line_ends(tmp_path, separator, encoding, end):
    lines = [line.replace(",", separator) for line in (HEAD, *ROWS)]
    same(read(write(tmp_path / "a.csv", lines, encoding, end)))


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "cp866", "utf-16"])
def test_cyrillic_headers_in_any_encoding(tmp_path, encoding):
    head = (
        "Регион;ТИК;УИК;Число избирателей, внесенных в список избирателей;Число бюллетеней, выданных досрочно;"
        "Число бюллетеней, выданных в помещении;Число бюллетеней в переносных ящиках;"
        "Число бюллетеней в стационарных ящиках;1. Партия Первая;2. Партия Вторая"
    )
    rows = [
        "Северная область;1 Центральная;1;1000;100;500;98;500;300;298",
        "Северная область;1 Центральная;2;2 000;0;1100;0;1100;500;600",
    ]
    stations = read(write(tmp_path / "a.csv", [head, *rows], encoding))
    assert stations.region[0] == "Северная область"
    assert stations.columns["given"] == "Число бюллетеней, выданных досрочно + Число бюллетеней, выданных в помещении"
    assert stations.given.tolist() == [600, 1100]
    assert stations.cast.tolist() == [598, 1100]
    assert stations.leader_name == "2. Партия Вторая"
    assert list(stations.lists) == ["1. Партия Первая"]
    assert any("list with most votes" in note for note in stations.notes)


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["1 234", "1\xa0234", "1\u202f234", "1'234", "1’234"], [1234] * 5),
        (["1.234", "999"], [1234, 999]),
        (["1,234", "2,500", "12"], [1234, 2500, 12]),
        (["1.234.567", "1,234,567"], [1234567, 1234567]),
        (["523.000", "1204.000"], [523, 1204]),
        (["523,0", "1204,0"], [523, 1204]),
        (["1.234,00", "1,234.00"], [1234, 1234]),
        (["1.000", "2.000"], [1, 2]),  # zeros everywhere: decimals
        (["523.0", "7"], [523, 7]),
        (["", "-", "—", "n/a", "NULL"], [EMPTY] * 5),
        (["12.5", "abc", "-3", "1e3", "½", "²"], [UNREAD] * 6),
    ],
)
def test_counts_as_people_write_them(cells, found):
    assert counts(cells).tolist() == found


def test_a_preamble_and_totals_are_passed_over(tmp_path):
    lines = ["Results of the election,,,,,", ",,,,,", HEAD, *ROWS, "Total,,4500,2500,2497,1220"]
    stations = same(read(write(tmp_path / "a.csv", lines)))
    assert list(stations.excluded) == ["a line of totals, not a station"]


def test_rows_that_cannot_be_are_counted_by_reason_with_their_lines(tmp_path):
    bad = [
        "North,4,0,0,0,0",
        "North,5,100,120,120,50",
        "North,6,100,60,120,50",
        "North,7,100,60,60,61",
        "North,8,,60,60,20",
        "North,9,100,x,60,20",
        "North,10,100,60,60,-5",
        ROWS[0],
        "North,11,100,60,60",
        "North,12,100,60,60,20,what",
    ]
    stations = same(read(write(tmp_path / "a.csv", [HEAD, *ROWS, *bad])))
    assert stations.excluded == {
        "no voters": ("line 5",),
        "more ballots given out than voters": ("line 6",),
        "more ballots in the box than voters": ("line 6", "line 7"),
        "more votes for the leader than ballots in the box": ("line 8",),
        "voters is empty": ("line 9",),
        "given is not a whole number, 0 or more": ("line 10",),
        "leader is not a whole number, 0 or more": ("line 11",),
        "the same station with the same figures once more": ("line 12",),
        "fewer cells than the header has": ("line 13",),
        "more cells than the header has": ("line 14",),
        "leader is empty": ("line 13",),
    }
    assert stations.rows == 13
    text = examine(stations).to_text()
    assert "left out: 2 rows: more ballots in the box than voters (line 6, line 7)" in text


def test_more_ballots_in_the_box_than_given_out_is_odd_and_kept(tmp_path):
    stations = read(write(tmp_path / "a.csv", [HEAD, *ROWS, "South,4,900,500,502,300"]))
    assert len(stations) == 4
    assert any("1 stations report more ballots in the box" in note for note in stations.notes)


def test_what_is_not_there_is_replaced_or_left_out_and_said(tmp_path):
    stations = read(write(tmp_path / "a.csv", ["region,station,voters,cast,leader", "a,1,100,60,30", "a,2,100,70,30"]))
    assert stations.given.tolist() == [60, 70]
    assert 'no column "given": ballots in the box are used instead' in stations.notes
    stations = read(write(tmp_path / "b.csv", ["station,voters,given,leader", "1,100,60,30"]))
    assert stations.cast.tolist() == [60]
    stations = read(write(tmp_path / "c.csv", ["station,voters,valid,invalid,leader", "1,100,58,2,30"]))
    assert stations.cast.tolist() == [60]
    stations = read(write(tmp_path / "d.csv", ["station,cast,leader", "1,60,30"]))
    found = examine(stations)
    assert found["shpilkin"].refused
    assert found["shpilkin"].why == 'the table has no column "voters".'
    assert 'no column "voters": tests that need turnout are left out' in found.to_text().replace("\n    ", " ")
    only = read(write(tmp_path / "e.csv", ["leader", *(str(n) for n in range(120, 400))]))
    found = examine(only)
    assert not found["last_digit"].refused
    assert found["klimek"].refused
    assert found["round_shares"].refused


def test_columns_are_named_by_the_user_and_by_a_file(tmp_path):
    lines = [
        "Land;Wahllokal;Wahlberechtigte gesamt;Ausgegeben A;Ausgegeben B;Urne;Liste Eins",
        *(
            r.replace(",", ";")
            for r in ("N,1,1000,500,100,598,300", "N,2,2000,1000,100,1100,500", "S,3,1500,800,0,799,420")
        ),
    ]
    path = write(tmp_path / "a.csv", lines, "cp1252")
    columns = {
        "region": ["Land"],
        "voters": ["wahlberechtigte"],
        "given": ["Ausgegeben A", "ausgegeben b"],
        "cast": ["Urne"],
        "leader": ["Eins"],
    }
    same(read(path, Asked(columns)))
    told = write(
        tmp_path / "map.toml",
        [
            'region = "Land"',
            'voters = "Wahlberechtigte"',
            'given = ["Ausgegeben A", "Ausgegeben B"]',
            'cast = "Urne"',
            'leader = "Eins"',
        ],
    )
    same(read(path, read_map(told)))


def test_faults_of_columns_come_all_at_once_with_the_nearest(tmp_path):
    path = write(tmp_path / "a.csv", [HEAD, *ROWS])
    with pytest.raises(InputError) as fault:
        read(path, Asked({"voters": ["votrs"], "leader": ["zzz"], "given": ["e"]}))
    text = str(fault.value)
    assert f'{path} line 1: voters: no column "votrs"; did you mean "voters"?' in text
    assert 'leader: no column "zzz"; the header has: region, station' in text
    assert 'given: 4 columns are or contain "e"' in text
    with pytest.raises(InputError, match="no column says which votes are the leader's; name it with --leader"):
        read(write(tmp_path / "b.csv", ["region,voters,cast,Alpha", "a,100,50,20"]))
    with pytest.raises(InputError, match='no key "votres"; did you mean "voters"') as fault:
        read_map(write(tmp_path / "m.toml", ['votres = "a"', "cast = 3"]))
    assert "cast = 3; write the name" in str(fault.value)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "the file is empty"),
        ("a.csv", (HEAD + "\n").encode(), "a header without rows"),
        ("a.xlsx", b"PK\x03\x04rest", "spreadsheet"),
        ("a.zip", b"no zip at all", "not a zip archive"),
        ("a.parquet", b"no parquet at all", "not a Parquet file"),
        ("a.csv", (HEAD + "\nN,1,0,0,0,0\n").encode(), "none of 1 rows can be used"),
    ],
)
def test_what_is_no_table_says_so(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=said):
        read(path)


def test_zip_gzip_and_parquet(tmp_path):
    text = "\n".join([HEAD, *ROWS]).encode()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("inner.csv", text)
        archive.writestr("__MACOSX/inner.csv", b"x")
    same(read(tmp_path / "a.zip"))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text))
    same(read(tmp_path / "a.csv.gz"))
    columns = list(zip(*(row.split(",") for row in ROWS), strict=True))
    table = pa.table(
        {
            name: [int(x) if x.isdigit() else x for x in column]
            for name, column in zip(HEAD.split(","), columns, strict=True)
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    same(read(tmp_path / "a.parquet"))
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.csv", text)
        archive.writestr("b.csv", text)
    with pytest.raises(InputError, match=r"it holds a\.csv, b\.csv"):
        read(tmp_path / "two.zip")


def test_a_data_frame_is_read_as_a_file_is(tmp_path):
    import pandas as pd

    path = write(tmp_path / "a.csv", [HEAD, *ROWS, "South,4,100,300,300,20"])
    frame = pd.read_csv(path)
    frame["voters"] = frame["voters"].astype(float)
    found = examine(frame)
    same(found.stations)
    assert found.stations.excluded == {
        "more ballots given out than voters": ("line 5",),
        "more ballots in the box than voters": ("line 5",),
    }


def test_territories_of_one_name_in_two_regions_are_two(tmp_path):
    stations = read(
        write(tmp_path / "a.csv", ["region,tik,voters,cast,leader", "a,1 Centre,100,50,20", "b,1 Centre,90,40,20"])
    )
    assert len(np.unique(stations.places)) == 2


@pytest.mark.parametrize("size", [1, 2, 5, 30])
def test_tiny_files_get_answers_or_reasons(tmp_path, size):
    rows = [f"North,{i},{1000 + i},{600 + i},{598 + i},{300 + 2 * i}" for i in range(size)]
    found = examine(write(tmp_path / "a.csv", [HEAD, *rows]))
    for one in found.findings.values():
        assert one.refused == bool(one.why)
    assert found["klimek"].why.startswith(f"{size} stations")
    assert max(map(len, found.to_text().splitlines())) <= 80
    found.to_json()


@pytest.mark.parametrize(
    ("turnout", "share"),
    [
        (lambda u, w: np.ones_like(u), lambda u, w: w),  # everybody came
        (lambda u, w: 0.5 + 0 * u, lambda u, w: 0.5 + 0 * w),  # all stations the same
        (lambda u, w: u, lambda u, w: 0 * w),  # no vote for the leader
        (lambda u, w: u, lambda u, w: 1 + 0 * w),  # every vote for the leader
        (lambda u, w: 0.999 + 0 * u, lambda u, w: np.round(w)),
        (lambda u, w: np.where(u < 0.5, 0.0, u), lambda u, w: w),  # half the boxes empty
    ],
)
@pytest.mark.parametrize("size", [250, 1200])
def test_strange_elections_are_examined_without_a_fault(tmp_path, turnout, share, size):
    from sim.streams import Streams

    u, w = (Streams(1).uniform(f"test/{name}", size) for name in "uw")
    voters = (50 + 3000 * Streams(1).uniform("test/v", size)).astype(int)
    cast = (voters * turnout(u, w)).astype(int)
    leader = (cast * share(u, w)).astype(int)
    rows = [f"r{i % 3},{i},{v},{c},{c},{n}" for i, (v, c, n) in enumerate(zip(voters, cast, leader, strict=True))]
    found = examine(write(tmp_path / "a.csv", [HEAD, *rows]))
    assert max(map(len, found.to_text().splitlines())) <= 80
    found.to_json()


def test_the_smaller_place_is_the_territory(tmp_path):
    stations = read(write(tmp_path / "a.csv", ["oik,tik,uik,voters,cast,leader", "1,7,1,100,50,20", "1,8,2,90,40,20"]))
    assert stations.columns["territory"] == "tik"
    assert stations.territory.tolist() == ["7", "8"]
