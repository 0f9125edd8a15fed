"""Results of checks made by hand: what the page draws, without an engine behind it.

The numbers follow the story of the packaged model (July against the winter reference) but are round and made up.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist

from dashboard.components.retrain_panel import Challenger, Retraining
from monitoring.contract import Contract, Feature, Target
from monitoring.drift.measurement import CategoryChange, CategoryShift, Evidence, NumericShift, ShareShift
from monitoring.history.records import CheckResult, CheckSummary, Job, JobState
from monitoring.performance.gate import Gate
from monitoring.performance.realised import Realised
from monitoring.policy.verdict import Finding, Reason, State, Verdict, VerdictName
from monitoring.profiles.picture import CategoryPicture, NumericPicture, Picture
from monitoring.registry.manifest import Compared, Manifest, Parity
from monitoring.registry.version import Version
from monitoring.retraining.request import Evidence as Because
from monitoring.retraining.request import RetrainRequest, Source
from monitoring.tables.report import Example, Problem, ReadReport, RefusedRow

CHECK_ID = "0123456789abcdef"
AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
N_REFERENCE, N_BATCH = 18_809, 6_000
UNITS = {"temp": "°F", "dewp": "°F", "wind_speed": "mph", "humid": "%", "pressure": "mbar", "sched_dep_min": "min"}


def finding(column: str, state: State, effect: float, evidence: Evidence, **changes: object) -> Finding:
    """A KS finding of an input, unless `changes` say otherwise."""
    base = Finding(
        column=column,
        role="input",
        detector="ks",
        state=state,
        statistic=effect,
        p_value=1e-12 if state in ("drift", "small") else 0.4,
        p_adjusted=1e-11 if state in ("drift", "small") else 1.0,
        p_rows=1e-12,
        p_days=0.0004,
        effect=effect,
        effect_low=max(0.0, effect - 0.02),
        effect_high=min(1.0, effect + 0.02),
        tolerance=0.46,
        natural_variation=0.46,
        outside_every_block=state == "drift",
        n_reference=N_REFERENCE,
        n_batch=N_BATCH,
        muted=False,
        note="",
        evidence=evidence,
    )
    return replace(base, **changes)  # type: ignore[arg-type] # names and types of the fields above


def shift(before: float, after: float) -> NumericShift:
    """A number whose mean and median moved alike."""
    return NumericShift(
        median_reference=before,
        median_batch=after,
        mean_reference=before,
        mean_batch=after,
        location=(before + after) / 2,
    )


def numeric_picture(before: float, after: float, spread: float, *, bins: int = 30) -> NumericPicture:
    """Two normal distributions, cut into bins."""
    reference, batch = NormalDist(before, spread), NormalDist(after, spread)
    low, high = min(before, after) - 3 * spread, max(before, after) + 3 * spread
    edges = tuple(low + (high - low) * step / bins for step in range(bins + 1))
    gap = (before + after) / 2
    return NumericPicture(
        edges=edges,
        bins_reference=_bins(reference, edges),
        bins_batch=_bins(batch, edges),
        curve_x=edges,
        curve_reference=tuple(reference.cdf(edge) for edge in edges),
        curve_batch=tuple(batch.cdf(edge) for edge in edges),
        gap_x=gap,
        gap_reference=reference.cdf(gap),
        gap_batch=batch.cdf(gap),
        beyond=0.0,
        missing_reference=0.0,
        missing_batch=0.0,
    )


def category_picture(
    shares: dict[str, tuple[float, float]], *, unseen: tuple[str, ...] = (), others: int = 0
) -> CategoryPicture:
    """Categories with their shares, reference and batch."""
    return CategoryPicture(
        categories=tuple(shares),
        share_reference=tuple(before for before, _ in shares.values()),
        share_batch=tuple(after for _, after in shares.values()),
        unseen=tuple(category in unseen for category in shares),
        others=others,
        others_reference=0.1 if others else 0.0,
        others_batch=0.08 if others else 0.0,
        missing_reference=0.0,
        missing_batch=0.0,
    )


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
        finding("carrier", "stable", 0.02, _categories(carriers), detector="chi2", statistic=31.0, tolerance=0.06),
        finding("origin", "stable", 0.01, _categories({"EWR": (0.36, 0.35)}), detector="chi2", statistic=2.0),
        finding("dest", "stable", 0.03, _categories(dests), detector="chi2", statistic=140.0, tolerance=0.08),
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


def gate() -> Gate:
    """The challenger is better."""
    return Gate(
        result="better",
        sentence="Version 2 is better: Brier score 0.196 against 0.258 on 1,900 held-out rows of July.",
        rows=1_900,
        days=10,
        champion=Realised(rows=1_900, rate=0.31, mean_prediction=0.08, auc=0.685, brier=0.258),
        challenger=Realised(rows=1_900, rate=0.31, mean_prediction=0.28, auc=0.731, brier=0.196),
        brier_difference=-0.062,
        brier_low=-0.081,
        brier_high=-0.043,
        churn=0.18,
    )


def job(state: JobState, **changes: object) -> Job:
    """A retrain job in a state."""
    base = Job(
        id="retrain-0123",
        kind="retrain",
        state=state,
        share=0.4 if state == "running" else float(state == "done"),
        message="Training on 68,000 rows." if state == "running" else "",
        log=(
            ("2026-11-22T09:30:00", "Reading the training rows."),
            ("2026-11-22T09:30:04", "Training on 68,000 rows."),
        ),
        payload={},
        result=None,
        attempts=1,
        created_at=AT,
        started_at=None if state == "queued" else AT,
        finished_at=None if state in ("queued", "running") else AT.replace(minute=31),
    )
    return replace(base, **changes)  # type: ignore[arg-type] # names and types of the fields above


def year() -> tuple[CheckSummary, ...]:
    """Four months, the last by version 2."""
    months = (("04", "drift", 0.70, 1), ("05", "drift", 0.94, 1), ("06", "drift", 1.0, 1), ("07", "watch", 0.2, 2))
    return tuple(
        CheckSummary(
            id=f"{month}{CHECK_ID[2:]}",
            created_at=AT,
            model="flight-delay",
            version=version,
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


def unseen(category: str, rows: int) -> ShareShift:
    """A category that the reference does not have."""
    return ShareShift(
        share_reference=0.0, share_batch=rows / N_BATCH, highest_reference_block=0.0, examples=((category, rows),)
    )


def _categories(shares: dict[str, tuple[float, float]]) -> CategoryShift:
    changes = tuple(CategoryChange(name, before, after) for name, (before, after) in shares.items())
    return CategoryShift(
        grew=tuple(change for change in changes if change.share_batch > change.share_reference),
        shrank=tuple(change for change in changes if change.share_batch < change.share_reference),
        groups=len(changes),
    )


def _bins(distribution: NormalDist, edges: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(distribution.cdf(high) - distribution.cdf(low) for low, high in pairwise(edges))


def version(number: int) -> Version:
    """A version with two inputs; version 2 was compared with version 1."""
    contract = Contract(
        model="flight-delay",
        features=(
            Feature(name="temp", kind="numeric", input="temp", unit="°F", description="Temperature"),
            Feature(
                name="carrier", kind="categorical", input="carrier", categories=("B6", "UA"), missing_allowed=False
            ),
        ),
        id="flight_id",
        timestamp="scheduled_departure",
        target=Target(name="late", positive="late", description="Arrived more than 15 minutes late"),
    )
    compared = Compared(rows=3_000, largest_difference=1.5e-7)
    manifest = Manifest(
        model="flight-delay",
        version=number,
        created_at=AT,
        recipe="logistic regression",
        training_rows=54_000,
        training_from=datetime(2013, 1, 1),
        training_to=datetime(2013, 3, 31),
        reference_rows=N_REFERENCE,
        parent=number - 1 or None,
        request="retrain-0123" if number > 1 else None,
        parity=Parity(real=compared, missing=compared, unseen=None, tolerance=1e-5),
        gate=gate() if number > 1 else None,
        files={"model.onnx": "0" * 64},
    )
    return Version(
        model="flight-delay",
        number=number,
        folder=Path("models"),
        reference_folder=Path("reference_data"),
        packaged=number == 1,
        contract=contract,
        manifest=manifest,
    )


def challenger() -> Challenger:
    """Version 2, better than version 1."""
    return Challenger(number=2, parent=1, gate=gate())


def retraining(**changes: object) -> Retraining:
    """Retraining is possible and was not asked for yet, unless `changes` say otherwise."""
    source = Source(check=CHECK_ID, file_name="july.csv", upload="a" * 64, labels=None, first_time=None, last_time=None)
    request = RetrainRequest(
        model="flight-delay",
        champion=1,
        check=CHECK_ID,
        evidence=Because(verdict="drift", sentence="It moved.", drifted=("temp",)),
        sources=(source,),
    )
    base = Retraining(
        model="flight-delay",
        champion=1,
        request=request,
        refusal="",
        describes="Trains a new version on the rows of july.csv.",
        job=None,
        challenger=None,
    )
    return replace(base, **changes)  # type: ignore[arg-type] # names and types of the fields above
