"""After a training: promoted by policy, or not; then watched beside the version before, and brought back when worse."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from monitoring.errors import Cancelled, StoreFailed
from monitoring.history.jobs import Jobs
from monitoring.performance.gate import Gate
from monitoring.policy.promotion_policy import PromotionApproval, PromotionPolicy, WatchTerms
from monitoring.registry.manifest import Manifest
from monitoring.registry.version import MANIFEST_FILE
from monitoring.retraining.hooks.local import LocalTrainer
from monitoring.retraining.staging import write_value
from monitoring.retraining.training import train
from monitoring.wiring import open_driftline, settings_from_environment
from monitoring.workflows.check import check_and_record, order_check
from monitoring.workflows.decide import keep_up
from monitoring.workflows.parts import Driftline
from monitoring.workflows.promote import promote, roll_back, settle_challenger
from monitoring.workflows.retrain import plan_retrain
from monitoring.workflows.watch import keep_watch, watched_version
from tests.dashboard.versions_by_hand import gate
from tests.retraining.flights import DATA, SAMPLES, contract, few_rows

MODEL = "flight-delay"
AUTOMATIC = PromotionPolicy(
    name="automatic",
    approval=PromotionApproval(mode="automatic"),
    watch=WatchTerms(batches=2, action="roll_back"),
)
PROPOSES = WatchTerms(batches=2)


@pytest.fixture
def driftline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Driftline:
    monkeypatch.setenv("DRIFTLINE_DATA", str(tmp_path / "data"))
    return replace(open_driftline(settings_from_environment()), promotion=AUTOMATIC)


def register(driftline: Driftline, told: Gate | None, *, upside_down: bool = False, parent: int = 1) -> int:
    """A version that learnt from few rows, of which `upside_down` have the opposite outcome; `told` is its gate."""
    champion = driftline.registry.version(MODEL, 1)
    rows = few_rows(1_500)
    if upside_down:
        place = rows.schema.get_field_index("late")
        rows = rows.set_column(place, "late", pc.subtract(1.0, rows["late"]))
    with driftline.registry.staging(MODEL) as folder:
        trained = train(contract(), rows, model_file=folder / "model.onnx")
        write_value(trained.contract, folder / "contract.json")
        (folder / "reference.parquet").write_bytes(champion.reference_file.read_bytes())
        base = Manifest.model_validate_json((champion.folder / MANIFEST_FILE).read_text())
        changes = {"parent": parent, "gate": told, "parity": trained.parity, "version": 0, "files": {}}
        write_value(base.model_copy(update=changes), folder / MANIFEST_FILE)
        return driftline.registry.register(MODEL, folder).number


def check(driftline: Driftline, file: Path, labels: Path | None = None) -> str:
    """Check a file with its outcomes by the version in use."""
    order = order_check(
        driftline,
        upload=driftline.uploads.save(file.read_bytes()),
        file_name=file.name,
        labels=None if labels is None else driftline.uploads.save(labels.read_bytes()),
        labels_name=None if labels is None else labels.name,
        model=MODEL,
    )
    check_and_record(driftline, order, lambda *_: None)
    return order.id


def sample(driftline: Driftline, name: str) -> str:
    return check(driftline, SAMPLES / f"{name}.csv", SAMPLES / f"{name}-labels.csv")


def test_what_passes_is_promoted_once_with_the_policy_as_the_reason(driftline: Driftline) -> None:
    number = register(driftline, gate())
    assert settle_challenger(driftline, MODEL, number).outcome == "promote"
    assert driftline.registry.champion(MODEL).number == number
    assert settle_challenger(driftline, MODEL, number).outcome == "promote"
    (switch,) = driftline.history.switches(MODEL)
    assert (switch.kind, switch.version) == ("promote", 2)
    assert switch.reason.startswith("By the promotion policy automatic: It passes")


def test_what_does_not_pass_or_needs_a_person_stays_beside(driftline: Driftline) -> None:
    worse = register(driftline, replace(gate(), result="worse", brier_difference=0.02))
    assert settle_challenger(driftline, MODEL, worse).outcome == "refuse"
    by_hand = replace(driftline, promotion=PromotionPolicy())
    assert settle_challenger(by_hand, MODEL, register(driftline, gate())).outcome == "ask"
    assert settle_challenger(driftline, MODEL, register(driftline, None)).outcome == "ask"
    assert driftline.registry.champion(MODEL).number == 1
    assert driftline.registry.switches(MODEL) == ()


def test_what_was_compared_with_another_version_is_never_promoted_by_itself(driftline: Driftline) -> None:
    first, second = register(driftline, gate()), register(driftline, gate())
    assert settle_challenger(driftline, MODEL, first).outcome == "promote"
    told = settle_challenger(driftline, MODEL, second)
    assert (told.outcome, driftline.registry.champion(MODEL).number) == ("ask", first)
    assert "It was compared with version 1, which is no longer in use" in told.sentence


def test_a_worker_that_lost_its_job_puts_nothing_into_use(driftline: Driftline) -> None:
    """Its version is registered; before it is put into use another worker begins the job anew."""
    number = register(driftline, gate())
    first, second = driftline.jobs, Jobs(driftline.history.engine)
    first.submit("request", "retrain", {})
    first.claim("request")
    with driftline.history.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE jobs SET state = 'interrupted'")
    assert second.claim("request")
    with pytest.raises(Cancelled):
        settle_challenger(driftline, MODEL, number, holding=lambda: first.holding("request"))
    assert driftline.registry.champion(MODEL).number == 1
    assert settle_challenger(driftline, MODEL, number, holding=lambda: second.holding("request")).outcome == "promote"
    assert driftline.registry.champion(MODEL).number == number


def test_what_a_person_took_back_is_not_put_into_use_by_a_job_that_is_started_again(driftline: Driftline) -> None:
    """The worker was killed between the promotion and the end of its job."""
    number = register(driftline, gate())
    settle_challenger(driftline, MODEL, number)
    roll_back(driftline.registry, driftline.history, MODEL, reason="no", now=driftline.now())
    told = settle_challenger(driftline, MODEL, number)
    assert (told.outcome, told.sentence) == ("ask", "It was in use and was taken back: a person decides.")
    assert driftline.registry.champion(MODEL).number == 1


def test_a_version_that_does_worse_is_brought_back_by_its_first_batch(driftline: Driftline) -> None:
    register(driftline, gate(), upside_down=True)
    assert watched_version(driftline, MODEL) is None
    settle_challenger(driftline, MODEL, 2)
    found = keep_watch(driftline, MODEL)
    assert found is not None
    assert (found.verdict.state, found.verdict.seen, found.waiting) == ("watching", 0, 0)
    sample(driftline, "december")
    waiting = watched_version(driftline, MODEL)
    assert waiting is not None and waiting.waiting == 1
    found = keep_watch(driftline, MODEL)
    assert found is not None
    assert found.verdict.state == "worse"
    assert driftline.registry.champion(MODEL).number == 1
    back = driftline.registry.switches(MODEL)[-1]
    assert (back.kind, back.previous) == ("roll_back", 2)
    assert "By the promotion policy automatic: It is worse than the version before" in back.reason
    assert keep_watch(driftline, MODEL) is None, "what came back is not watched"


def test_two_that_watch_at_once_bring_back_one_version_not_two(
    driftline: Driftline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Version 3 does worse than 2; while one of them decides that, the other has brought 2 back already."""
    for number in (2, 3):
        register(driftline, gate(), upside_down=number == 3, parent=number - 1)
        settle_challenger(driftline, MODEL, number)
    sample(driftline, "december")
    found = keep_watch(replace(driftline, promotion=AUTOMATIC.model_copy(update={"watch": PROPOSES})), MODEL)
    assert found is not None and found.verdict.state == "worse"
    assert keep_watch(driftline, MODEL) is not None
    assert driftline.registry.champion(MODEL).number == 2
    monkeypatch.setattr("monitoring.workflows.watch.watched_version", lambda *_: found)
    keep_watch(driftline, MODEL)
    assert driftline.registry.champion(MODEL).number == 2
    assert [switch.version for switch in driftline.registry.switches(MODEL)] == [2, 3, 2]


def test_where_the_policy_only_proposes_the_version_stays_in_use(driftline: Driftline) -> None:
    proposing = replace(driftline, promotion=AUTOMATIC.model_copy(update={"watch": PROPOSES}))
    register(driftline, gate(), upside_down=True)
    settle_challenger(proposing, MODEL, 2)
    sample(proposing, "december")
    found = keep_watch(proposing, MODEL)
    assert found is not None and found.verdict.state == "worse"
    assert driftline.registry.champion(MODEL).number == 2


def test_the_scores_are_those_of_both_versions_on_the_same_rows_and_a_batch_counts_once(driftline: Driftline) -> None:
    register(driftline, gate())
    promote(driftline.registry, driftline.history, MODEL, 2, reason="", now=driftline.now())
    sample(driftline, "december")
    sample(driftline, "december")
    found = keep_watch(driftline, MODEL)
    assert found is not None
    (batch,) = found.watch.batches
    by_two, by_one = (_brier(driftline, number) for number in (2, 1))
    assert (batch.after, batch.before) == pytest.approx((by_two, by_one), abs=1e-9)
    assert sum(day.loss for day in batch.days) == pytest.approx((by_two - by_one) * batch.rows, abs=1e-6)
    assert len(batch.days) == 31
    again = keep_watch(driftline, MODEL)
    assert again is not None and again.watch == found.watch


def _brier(driftline: Driftline, number: int) -> float:
    import pandas as pd

    from monitoring.retraining.training import score_rows
    from monitoring.scoring.scorer import Scorer

    rows = pd.read_csv(SAMPLES / "december.csv").merge(pd.read_csv(SAMPLES / "december-labels.csv"), on="flight_id")
    names = list(contract().feature_names)
    table = pa.Table.from_pandas(rows[names], preserve_index=False)
    fields = [pa.field(f.name, pa.float64() if f.kind == "numeric" else pa.string()) for f in contract().features]
    version = driftline.registry.version(MODEL, number)
    scores = score_rows(Scorer(version.model_file, version.contract), table.cast(pa.schema(fields)))
    return float(np.mean((scores - rows.late.to_numpy()) ** 2))


def test_rows_that_a_version_was_trained_on_cannot_tell(driftline: Driftline, tmp_path: Path) -> None:
    register(driftline, gate())
    settle_challenger(driftline, MODEL, 2)
    known = pq.read_table(DATA / MODEL / "1" / "training.parquet").slice(0, 2_000)
    pq.write_table(known, tmp_path / "known.parquet")
    check_id = check(driftline, tmp_path / "known.parquet")
    found = keep_watch(driftline, MODEL)
    assert found is not None
    assert (found.watch.batches, found.watch.passed_over) == ((), (check_id,))


def test_a_watch_that_cannot_be_read_starts_anew(driftline: Driftline) -> None:
    register(driftline, gate())
    settle_challenger(driftline, MODEL, 2)
    sample(driftline, "december")
    found = keep_watch(driftline, MODEL)
    assert found is not None and found.verdict.seen == 1
    file = driftline.settings.data / "watches" / f"{found.switch.id}.json"
    file.write_text("{")
    again = watched_version(driftline, MODEL)
    assert again is not None and (again.verdict.seen, again.waiting) == (0, 1)


def _fails_once(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, *, at: str, instead: object) -> None:
    """The first call of a method with this argument gives something else, or raises it; every other is the true one."""
    true, calls = getattr(owner, name), []

    def call(key: str) -> object:
        if key == at and not calls:
            calls.append(key)
            if isinstance(instead, Exception):
                raise instead
            return instead
        return true(key)

    monkeypatch.setattr(owner, name, call)


def test_a_batch_that_the_store_cannot_give_now_waits_and_is_compared_the_next_time(
    driftline: Driftline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is busy for a moment; then the disk does not give the file, as a folder in its place shows."""
    register(driftline, gate())
    settle_challenger(driftline, MODEL, 2)
    check_id = sample(driftline, "december")
    upload = driftline.history.check(check_id).upload
    for owner, name, at, instead in (
        (driftline.history, "check", check_id, StoreFailed("busy")),
        (driftline.uploads, "path", upload, tmp_path),
    ):
        _fails_once(monkeypatch, owner, name, at=at, instead=instead)
        with pytest.raises(StoreFailed):
            keep_watch(driftline, MODEL)
        found = watched_version(driftline, MODEL)
        assert found is not None and (found.watch.batches, found.watch.passed_over, found.waiting) == ((), (), 1)
    found = keep_watch(driftline, MODEL)
    assert found is not None and [batch.check for batch in found.watch.batches] == [check_id]


def test_a_batch_that_cannot_be_read_keeps_no_other_and_no_roll_back_back(
    driftline: Driftline, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(driftline, gate(), upside_down=True)
    settle_challenger(driftline, MODEL, 2)
    unreadable = sample(driftline, "july")
    sample(driftline, "december")
    _fails_once(monkeypatch, driftline.history, "check", at=unreadable, instead=StoreFailed("busy"))
    keep_up(driftline)
    assert driftline.registry.champion(MODEL).number == 1
    watch = driftline.watches.get(driftline.registry.switches(MODEL)[0].id)
    assert watch is not None and watch.passed_over == ()


def test_the_days_that_the_gate_compared_on_are_no_new_evidence(driftline: Driftline, tmp_path: Path) -> None:
    """On them the version was chosen: December's file again is passed over, and in another file December's days."""
    request = plan_retrain(driftline.history, driftline.registry, sample(driftline, "december"))
    LocalTrainer(driftline.registry, driftline.uploads, now=driftline.now).run(request, lambda *_: None)
    version = driftline.registry.version(MODEL, 2)
    assert version.manifest.gate is not None and version.manifest.gate.rows > 200
    promote(driftline.registry, driftline.history, MODEL, 2, reason="", now=driftline.now())
    again = sample(driftline, "december")
    found = keep_watch(driftline, MODEL)
    assert found is not None and (found.watch.batches, found.watch.passed_over) == ((), (again,))
    rows = pq.read_table(SAMPLES / "year.parquet")
    days = rows["scheduled_departure"].cast(pa.date32()).cast(pa.int32()).to_numpy()
    first, december, last = ((date(2013, *day) - date(1970, 1, 1)).days for day in ((11, 24), (12, 1), (12, 7)))
    pq.write_table(rows.filter(pa.array((days >= first) & (days <= last))), tmp_path / "weeks.parquet")
    check(driftline, tmp_path / "weeks.parquet")
    found = keep_watch(driftline, MODEL)
    assert found is not None
    (batch,) = found.watch.batches
    labelled = pc.is_valid(rows["late"]).to_numpy()
    assert batch.rows == int((labelled & (days >= first) & (days < december)).sum())
    assert len(batch.days) == december - first


@pytest.mark.parametrize("noted", [True, False])
def test_a_clock_set_back_after_a_promotion_keeps_no_batch_from_the_watch(driftline: Driftline, noted: bool) -> None:
    """Nor the roll back. Switches of an earlier Driftline do not note what was checked before."""
    clock = [datetime(2026, 3, 2, 12, tzinfo=UTC)]
    driftline = replace(driftline, now=lambda: clock[0])
    register(driftline, gate(), upside_down=True)
    if noted:
        settle_challenger(driftline, MODEL, 2)
    else:
        driftline.registry.promote(MODEL, 2, reason="", now=driftline.now())
    clock[0] -= timedelta(days=1)
    sample(driftline, "december")
    keep_watch(driftline, MODEL)
    assert driftline.registry.champion(MODEL).number == 1


def test_what_came_before_a_version_was_put_into_use_again_is_told_without_the_clock(driftline: Driftline) -> None:
    clock = [datetime(2026, 3, 2, 12, tzinfo=UTC)]
    driftline = replace(driftline, now=lambda: clock[0])
    register(driftline, gate())
    promote(driftline.registry, driftline.history, MODEL, 2, reason="", now=driftline.now())
    sample(driftline, "december")
    roll_back(driftline.registry, driftline.history, MODEL, reason="", now=driftline.now())
    clock[0] -= timedelta(days=10)
    promote(driftline.registry, driftline.history, MODEL, 2, reason="", now=driftline.now())
    clock[0] -= timedelta(days=10)
    since = sample(driftline, "july")
    found = keep_watch(driftline, MODEL)
    assert found is not None and [batch.check for batch in found.watch.batches] == [since]
    assert driftline.history.switches(MODEL) == driftline.registry.switches(MODEL)[::-1]
