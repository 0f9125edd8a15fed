"""What suffices for a promotion, when a person is asked, and what a watch makes of the batches after it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from monitoring.errors import Refused
from monitoring.performance.comparison import ScoredRows
from monitoring.performance.gate import Cost, Gate
from monitoring.policy.promotion_decision import PromotionDecision, decide_promotion
from monitoring.policy.promotion_policy import PromotionApproval, PromotionPolicy, WatchTerms
from monitoring.policy.promotion_watch import DayLoss, WatchedBatch, judge_watch
from monitoring.retraining.gate import compare_versions

AUTOMATIC = PromotionPolicy(approval=PromotionApproval(mode="automatic"))
COST = Cost(champion_ms=1.0, challenger_ms=1.2, champion_bytes=9_000, challenger_bytes=12_000)


def scored(gain: float, *, seed: int = 0, spread: float = 0.005) -> ScoredRows:
    """Ten days of 60 rows on which the challenger's squared error is smaller by about `gain`."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(600) < 0.3).astype(float)
    after = np.abs(labels - np.sqrt(np.clip(0.2 - gain + rng.normal(0, spread, 600), 0, 1)))
    return ScoredRows(
        labels=labels,
        champion=np.abs(labels - np.sqrt(0.2)),
        challenger=after,
        days=np.repeat(np.arange(10), 60),
        categories={"c": rng.choice(["a", "b"], 600).astype(object)},
    )


def gate(gain: float, hold_out: float | None = None, *, policy: PromotionPolicy = AUTOMATIC, **changes: Any) -> Gate:
    old = None if hold_out is None else scored(hold_out, seed=1)
    return compare_versions(scored(gain, **changes), old, terms=policy.terms, cost=COST)


def decide(found: Gate, policy: PromotionPolicy = AUTOMATIC, *, parity: float = 1e-7) -> PromotionDecision:
    return decide_promotion(found, policy, parity=parity, tolerance=1e-5)


def test_a_better_version_that_loses_nowhere_is_promoted() -> None:
    told = decide(gate(0.02, 0.0))
    assert told.outcome == "promote"
    codes = ["result", "gain", "hold_out", "segments", "calibration", "churn", "latency", "size", "parity"]
    assert [one.code for one in told.requirements] == codes
    assert told.unmet == ()


@pytest.mark.parametrize(
    ("found", "changes", "unmet"),
    [
        (gate(-0.02), {}, ["result", "gain"]),
        (gate(0.0, spread=0.1), {}, None),
        (gate(0.02, -0.0099), {}, ["hold_out"]),
        (gate(0.02), {"slowest": 1.1}, ["latency"]),
        (gate(0.02), {"largest_file_mb": 0.01}, ["size"]),
        (gate(0.02), {"largest_gap": 0.001}, ["calibration"]),
        (replace(gate(0.02), churn=0.3), {"largest_churn": 0.2}, ["churn"]),
    ],
)
def test_what_is_not_met_is_named_and_refuses(found: Gate, changes: dict[str, Any], unmet: list[str] | None) -> None:
    told = decide(found, AUTOMATIC.model_copy(update=changes))
    assert told.outcome == "refuse"
    if unmet is not None:
        assert [one.code for one in told.unmet] == unmet
    assert told.sentence == f"Not promoted: {told.unmet[0].sentence}"


def test_a_file_that_differs_from_what_was_trained_is_refused() -> None:
    assert [one.code for one in decide(gate(0.02), parity=1e-3).unmet] == ["parity"]


def test_a_category_that_falls_refuses_though_the_whole_is_better() -> None:
    rows = scored(0.05)
    is_a = rows.categories["c"] == "a"
    worse = np.where(is_a, np.abs(rows.labels - np.sqrt(0.26)), np.abs(rows.labels - np.sqrt(0.02)))
    found = compare_versions(replace(rows, challenger=worse), terms=AUTOMATIC.terms, cost=COST)
    assert found.result == "better"
    told = decide(found)
    assert [one.code for one in told.unmet] == ["segments"]
    assert "c a is surely worse by more than 0.02" in told.sentence


def test_turned_round_a_small_gain_suffices_and_a_small_loss_does_not() -> None:
    """The interval of both ends below the margin; only one of them gains."""
    turned = PromotionPolicy(suffices=("better", "no_worse"), margin=0.02, approval=PromotionApproval(mode="automatic"))
    gains, loses = (gate(gain, policy=turned, spread=0.15) for gain in (0.005, -0.005))
    assert gains.brier_low < 0 < gains.brier_high < 0.02
    assert (gains.result, decide(gains, turned).outcome) == ("no_worse", "promote")
    assert (loses.result, [one.code for one in decide(loses, turned).unmet]) == ("no_worse", ["gain"])
    assert decide(gate(0.005, spread=0.15)).outcome == "refuse"


def test_by_hand_a_person_is_always_asked_and_by_hand_when_only_then() -> None:
    assert decide(gate(0.02), PromotionPolicy()).outcome == "ask"
    found = replace(gate(0.02), churn=0.3)
    when = PromotionPolicy(approval=PromotionApproval(mode="by_hand_when", when=("churn",)))
    assert decide(found, when).outcome == "ask"
    assert "30 % of the predicted classes change" in decide(found, when).sentence
    assert decide(replace(found, churn=0.1), when).outcome == "promote"
    assert decide(replace(gate(-0.02), churn=0.3), when).outcome == "refuse", "nobody is asked about what is refused"


def demands(found: Gate, policy: PromotionPolicy = AUTOMATIC) -> dict[str, str]:
    return {one.code: one.sentence for one in decide(found, policy).requirements}


def test_a_limit_that_allows_everything_is_no_limit() -> None:
    found = replace(gate(0.02), churn=0.031)
    told = demands(found)
    assert told["churn"] == "it changes 3 % of the predicted classes; no limit is set."
    assert told["calibration"].endswith("from what happened; no limit is set.")
    limited = demands(found, AUTOMATIC.model_copy(update={"largest_churn": 0.2, "largest_gap": 0.1}))
    assert limited["churn"] == "it changes 3 % of the predicted classes; 20 % is allowed."
    assert limited["calibration"].endswith("from what happened; 0.1 is allowed.")


def test_a_hold_out_on_which_it_is_better_is_not_said_to_be_worse_by_nothing() -> None:
    better = demands(gate(0.02, 0.011))["hold_out"]
    assert better.startswith("on the frozen hold-out its Brier score is surely better, by 0.01")
    assert "worse" not in better
    even = demands(gate(0.02, 0.0))["hold_out"]
    assert even.startswith("on the frozen hold-out its Brier score may be worse by ")
    assert even.endswith("; 0.01 is allowed.")
    assert "0.000" not in even


def test_a_small_file_is_told_in_kilobytes() -> None:
    assert demands(gate(0.02))["size"] == "its file has 12 kB; 500 MB is allowed."
    large = replace(gate(0.02), cost=replace(COST, challenger_bytes=12_500_000))
    assert demands(large)["size"] == "its file has 12.5 MB; 500 MB is allowed."


def test_the_metric_of_the_policy_is_the_gates() -> None:
    assert PromotionPolicy(metric="auc", hold_out_margin=0.03).terms.metric == "auc"
    assert PromotionPolicy.from_toml('metric = "auc"\nwatch = {batches = 5}').watch.batches == 5


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("metric = 1", "metric: "),
        ("suffices = []", "suffices: "),
        ('suffices = ["worse"]', 'only "better" and "no_worse"'),
        ("patience = 1", "patience: "),
        ("= 1", "not valid TOML"),
        ("approval = {mode = 'never'}", r"approval\.mode: "),
    ],
)
def test_a_policy_that_cannot_be_one_is_refused_with_the_place(text: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        PromotionPolicy.from_toml(text)


def batch(rng: Any, number: int, loss: float, days: int = 7) -> WatchedBatch:
    """A batch of a week of 50 rows a day, each day off by its own amount."""
    told = []
    for day in range(days):
        values = loss + rng.normal(0, 0.01) + rng.normal(0, 0.05, 50)
        told.append(
            DayLoss(day=100 * number + day, rows=50, loss=float(values.sum()), squares=float(np.sum(values**2)))
        )
    return WatchedBatch(
        check=f"check-{number}",
        file_name=f"week-{number}.csv",
        rows=350,
        before=0.2,
        after=0.2 + loss,
        days=tuple(told),
    )


POLICY = PromotionPolicy(watch=WatchTerms(batches=4))


def test_a_watch_goes_on_until_its_batches_are_seen_and_ends_well() -> None:
    rng = np.random.default_rng(1)
    batches = [batch(rng, number, -0.03) for number in range(5)]
    promised = gate(0.02)
    assert judge_watch([], promised, POLICY).state == "watching"
    states = [judge_watch(batches[:count], promised, POLICY) for count in range(1, 6)]
    assert [(one.state, one.seen) for one in states] == [
        ("watching", 1),
        ("watching", 2),
        ("watching", 3),
        ("kept", 4),
        ("kept", 4),
    ]
    assert states[-1].promise == "held"
    assert "The gate promised as much." in states[-1].sentence


def test_a_version_that_is_worse_than_the_one_before_is_found() -> None:
    rng = np.random.default_rng(2)
    told = judge_watch([batch(rng, 1, 0.04), batch(rng, 2, 0.04)], gate(0.02), POLICY)
    assert (told.state, told.promise) == ("worse", "short")
    assert told.difference is not None and told.difference.low > 0
    assert "It is worse than the version before. On 700 rows" in told.sentence


def test_a_gain_that_is_less_than_promised_is_said_though_it_is_kept() -> None:
    rng = np.random.default_rng(3)
    told = judge_watch([batch(rng, number, 0.0, 14) for number in range(4)], gate(0.02), POLICY)
    assert (told.state, told.promise) == ("kept", "short")


def test_few_days_say_nothing_yet_and_rows_without_time_stand_for_themselves() -> None:
    rng = np.random.default_rng(4)
    assert judge_watch([batch(rng, 1, 0.5, 2)], None, POLICY).difference is None
    values = rng.normal(0.03, 0.1, 400)
    timeless = DayLoss(day=None, rows=400, loss=float(values.sum()), squares=float(np.sum(values**2)))
    told = judge_watch([batch(rng, 1, 0.5).model_copy(update={"days": (timeless,)})], None, POLICY)
    by_hand = compare_by_hand(values, 1 - 0.05 / 4)
    assert told.difference is not None
    assert (told.difference.low, told.difference.high) == pytest.approx(by_hand)


def compare_by_hand(values: Any, confidence: float) -> tuple[float, float]:
    from scipy.stats import ttest_1samp

    interval = ttest_1samp(values, 0).confidence_interval(confidence)
    return interval.low, interval.high


def test_a_version_that_is_as_good_is_sent_back_at_most_at_the_level_over_all_looks() -> None:
    rng = np.random.default_rng(5)
    sent_back, repetitions = 0, 400
    for _ in range(repetitions):
        batches = [batch(rng, number, 0.0) for number in range(4)]
        sent_back += any(judge_watch(batches[:seen], None, POLICY).state == "worse" for seen in range(1, 5))
    assert sent_back <= binom.ppf(0.999, repetitions, 0.025)


def test_the_documentation_shows_the_default_policy() -> None:
    text = (Path(__file__).parents[2] / "docs" / "training.md").read_text()
    blocks = [part.partition("```")[0] for part in text.split("```toml\n")[1:]]
    assert [PromotionPolicy.from_toml(block) for block in blocks] == [PromotionPolicy()]
