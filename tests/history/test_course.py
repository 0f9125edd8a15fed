"""One column from check to check."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from monitoring.history.course import column_course
from monitoring.history.history import History
from tests.history.material import make_check, make_finding


def test_the_course_of_a_column_follows_the_time_of_the_rows(tmp_path: Path) -> None:
    history = History(f"sqlite:///{tmp_path / 'h.db'}")
    odd = 'it\'s $.a "column"'
    for number, (day, effect) in enumerate((("2013-08-01", 0.4), ("2013-07-01", 0.2), (None, 0.1))):
        findings = (
            make_finding(odd, effect, state="drift"),
            make_finding(odd, 0.9, detector="missing"),
            make_finding("other", 0.7),
        )
        check = make_check(f"{number:016x}", findings=findings, file_name=f"{number}.csv")
        history.record_check(replace(check, read=replace(check.read, last_time=day)), b"")
    history.record_check(make_check("f" * 16, model="another", findings=(make_finding(odd, 0.5),)), b"")
    points = column_course(history.engine, "model", odd)
    assert [(point.file_name, point.effect, point.tolerance, point.state) for point in points] == [
        ("1.csv", 0.2, 0.05, "drift"),
        ("0.csv", 0.4, 0.05, "drift"),
        ("2.csv", 0.1, 0.05, "drift"),
    ]
    assert points[0].rows == 50
    assert column_course(history.engine, "model", "no such column") == ()


def test_checks_of_the_same_last_day_stand_version_by_version_as_on_the_time_line(tmp_path: Path) -> None:
    history = History(f"sqlite:///{tmp_path / 'h.db'}")
    for number, (version, hour) in enumerate(((2, "05"), (1, "23"))):
        check = make_check(f"{number:016x}", findings=(make_finding("x", 0.2),), file_name=f"{number}.csv")
        read = replace(check.read, last_time=f"2013-07-31T{hour}:00:00")
        history.record_check(replace(check, read=read, version=version), b"")
    assert [point.version for point in column_course(history.engine, "model", "x")] == [1, 2]
