"""Results of checks made by hand: what the page draws, without an engine behind it.

The numbers follow the story of the packaged model (July against the winter reference) but are round and made up.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from monitoring.drift.measurement import ShareShift
from monitoring.history.records import CheckResult, CheckSummary
from monitoring.performance.realised import Realised
from monitoring.policy.verdict import Reason, Verdict, VerdictName
from monitoring.profiles.picture import Picture
from monitoring.tables.report import Example, Problem, ReadReport, RefusedRow
from tests.dashboard.columns_by_hand import categories, category_picture, finding, numeric_picture, shift, unseen

CHECK_ID = "0123456789abcdef"
AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
N_REFERENCE = 18_809
UNITS = {"temp": "°F", "dewp": "°F", "wind_speed": "mph", "humid": "%", "pressure": "mbar", "sched_dep_min": "min"}


def july() -> CheckResult:
    """Drift: temp, dewp, wind_speed and the predictions moved; ANC was never seen; twelve rows were set aside."""
    carriers = {"UA": (0.18, 0.17), "B6": (0.16, 0.18), "EV": (0.17, 0.15), "DL": (0.14, 0.16)}
    dests = {"ORD": (0.06, 0.05), "LAX": (0.05, 0.06), "ANC": (0.0, 0.004)}
    numbers = {
        "wind_speed": ("drift", 0.34, 11.5, 8.1, 4.0),
        "humid": ("small", 0.26, 58.0, 65.0, 15.0),
        "pressure": ("stable", 0.21, 1017.9, 1016.2, 6.0),
        "visib": ("stable", 0.08, 9.3, 9.5, 1.0),
        "sched_dep_min": ("stable", 0.02, 810.0, 812.0, 260.0),
        "distance": ("stable", 0.01, 1020.0, 1022.0, 700.0),
        "precip": ("undecided", 0.03, 0.0, 0.0, 0.02),
        "dow": ("stable", 0.03, 4.0, 4.0, 2.0),
    }
    findings = [
        finding("temp", "drift", 1.0, shift(39.0, 77.0)),
        finding("dewp", "drift", 0.999, shift(21.9, 66.0), tolerance=0.52),
        finding("prediction", "drift", 0.61, shift(0.221, 0.064), role="prediction", tolerance=0.2),
        *(
            finding(name, state, effect, shift(before, after), tolerance=0.3)  # type: ignore[arg-type] # states above
            for name, (state, effect, before, after, _) in numbers.items()
        ),
        finding("carrier", "stable", 0.02, categories(carriers), detector="chi2", statistic=31.0, tolerance=0.06),
        finding("origin", "stable", 0.01, categories({"EWR": (0.36, 0.35)}), detector="chi2", statistic=2.0),
        finding("dest", "stable", 0.03, categories(dests), detector="chi2", statistic=140.0, tolerance=0.08),
        finding("dest", "not_applicable", 0.004, unseen("ANC", 24), detector="unseen", p_value=None, statistic=0.004),
    ]
    pictures: dict[str, Picture] = {
        "temp": numeric_picture(39.0, 77.0, 8.0),
        "dewp": numeric_picture(21.9, 66.0, 9.0),
        "prediction": numeric_picture(0.23, 0.08, 0.03),
        **{name: numeric_picture(before, after, spread) for name, (_, _, before, after, spread) in numbers.items()},
        "carrier": category_picture(carriers),
        "origin": category_picture({"EWR": (0.36, 0.35), "JFK": (0.33, 0.34), "LGA": (0.31, 0.31)}),
        "dest": category_picture(dests, unseen=("ANC",), others=90),
    }
    return CheckResult(
        id=CHECK_ID,
        created_at=AT,
        model="flight-delay",
        version=1,
        reference_id="5f1c",
        rows_reference=N_REFERENCE,
        upload="a" * 64,
        labels="b" * 64,
        read=read_report(),
        verdict=verdict("drift"),
        findings=tuple(findings),
        pictures=pictures,
        units=UNITS,
        mean_prediction_reference=0.238,
        mean_prediction_batch=0.082,
        performance_reference=Realised(rows=18_500, rate=0.238, mean_prediction=0.239, auc=0.688, brier=0.165),
        performance=Realised(rows=5_770, rate=0.315, mean_prediction=0.082, auc=0.685, brier=0.258),
        labelled_rows=5_770,
    )


def quiet() -> CheckResult:
    """Stable: nothing moved, no labels, every row used."""
    base = july()
    calm = tuple(
        replace(one, state="stable", effect=0.03, statistic=0.03) for one in base.findings if one.detector != "unseen"
    )
    return replace(
        base,
        id="fedcba9876543210",
        verdict=verdict("stable"),
        findings=calm,
        mean_prediction_batch=0.236,
        labels=None,
        performance=None,
        labelled_rows=0,
        read=ReadReport(file_name="quiet.csv", rows_read=6122, rows_refused=0),
    )


def left_open(inputs: int) -> CheckResult:
    """Too little data: so many of the thirteen inputs are undecided, the others stable."""
    base = quiet()
    names = list(dict.fromkeys(one.column for one in base.findings if one.role == "input"))[:inputs]
    findings = (replace(one, state="undecided" if one.column in names else one.state) for one in base.findings)
    return replace(base, verdict=verdict("undecided"), findings=tuple(findings))


def broken_feed() -> CheckResult:
    """Broken: carriers in lower case, pressure missing in almost half of the rows."""
    base = july()
    respelled = ShareShift(
        share_reference=0.0,
        share_batch=1.0,
        highest_reference_block=0.0,
        examples=(("ua", 1080), ("b6", 1002)),
        respelled=(("ua", "UA"), ("b6", "B6")),
        respelled_share=1.0,
    )
    missing = ShareShift(share_reference=0.09, share_batch=0.44, highest_reference_block=0.2)
    findings = (
        finding("carrier", "not_applicable", 1.0, respelled, detector="unseen", p_value=None, statistic=1.0),
        finding("pressure", "drift", 0.35, missing, detector="missing", tolerance=0.1),
        *(replace(one, state="stable") for one in base.findings if one.column not in ("carrier", "pressure")),
    )
    return replace(base, id="00ff00ff00ff00ff", verdict=verdict("broken"), findings=findings)


def hostile(name: str) -> CheckResult:
    """A result whose first column, a category, the file and the sentence carry `name`."""
    base = july()
    first = replace(base.findings[0], column=name)
    seen = replace(base.findings[-1], evidence=unseen(name, 24))
    pictures = {**base.pictures, name: base.pictures["temp"], "dest": category_picture({name: (0.0, 0.1)})}
    said = replace(base.verdict, sentence=f"{name} moved.", reasons=(Reason(code="drift", column=name, text=name),))
    return replace(
        base,
        findings=(first, seen, *base.findings[1:-1]),
        pictures=pictures,
        verdict=said,
        read=replace(base.read, file_name=name, warnings=(name,), ignored_columns=(name,)),
    )


def verdict(name: VerdictName) -> Verdict:
    """A verdict with a sentence of its kind."""
    sentences: dict[VerdictName, tuple[str, str]] = {
        "drift": (
            "july.csv looks different: 3 of 13 inputs moved beyond their usual range and predictions fell "
            "from 24 % to 8 % late.",
            "Retraining on this data is worth considering.",
        ),
        "stable": ("Nothing moved beyond its usual range.", "Nothing to do."),
        "watch": ("humid moved a little, close to what matters.", "Look again with the next data."),
        "broken": (
            "The feed looks broken: carrier: 'ua' is not known, 'UA' is; pressure: 44 % missing, usually 9 %.",
            "Repair the feed, then check again.",
        ),
        "undecided": ("120 rows are too few to say.", "Collect about 500 rows."),
    }
    actions = {"drift": "retrain", "stable": "none", "watch": "watch", "broken": "repair_feed"}
    sentence, advice = sentences[name]
    return Verdict(
        name=name,
        sentence=sentence,
        action=actions.get(name, "collect_more"),  # type: ignore[arg-type] # codes above
        advice=advice,
        reasons=(Reason(code="drift", column="temp", text="temp moved"),) if name == "drift" else (),
        caveat="Days are exchanged, not rows." if name == "drift" else "",
        policy="default",
        policy_id="c0ffee",
    )


def read_report() -> ReadReport:
    """Twelve of 6,012 rows were set aside; three values counted as missing."""
    return ReadReport(
        file_name="july.csv",
        rows_read=6_012,
        rows_refused=12,
        problems=(
            Problem(
                column="temp",
                rule="not_a_number",
                count=3,
                sets_row_aside=False,
                examples=(Example(17, "n/a?"), Example(20, "warm")),
            ),
            Problem(
                column="flight_id", rule="duplicate_id", count=12, sets_row_aside=True, examples=(Example(9, "F1"),)
            ),
        ),
        refused_rows=(
            RefusedRow(
                row=9, reason="flight_id: has the id of an earlier row", cells=(("flight_id", "F1"), ("temp", "71"))
            ),
            RefusedRow(row=12, reason="=cmd()", cells=(("flight_id", "=1+1"), ("temp", "-4.5"))),
        ),
        ignored_columns=("comment",),
        warnings=("One column is not known and was left out: comment.",),
        first_time="2013-07-01T05:00:00",
        last_time="2013-07-31T23:59:00",
    )


def year() -> tuple[CheckSummary, ...]:
    """Four months, the last by version 2."""
    months = (("04", "drift", 0.70, 1), ("05", "drift", 0.94, 1), ("06", "drift", 1.0, 1), ("07", "watch", 0.2, 2))
    return tuple(
        CheckSummary(
            id=f"{month}{CHECK_ID[2:]}",
            created_at=AT,
            model="flight-delay",
            version=version,
            upload=month * 32,
            file_name=f"2013-{month}.csv",
            rows=28_000,
            rows_refused=0,
            verdict=name,
            sentence=f"Month {month}.",
            first_time=f"2013-{month}-01T05:00:00",
            last_time=f"2013-{month}-30T23:00:00",
            drifted=("temp",) if name == "drift" else (),
            effects={"temp": effect, "dewp": effect - 0.1, "prediction": effect / 2, "carrier": 0.02},
            mean_prediction=0.16,
            rate=None if month == "07" else 0.28,
            brier=0.2,
            auc=0.65,
            labelled_rows=27_000,
        )
        for month, name, effect, version in months
    )
