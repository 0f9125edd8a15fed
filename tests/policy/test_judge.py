"""The rule: effect and evidence, days where there are any, broken before drift."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from monitoring.contract import Contract
from monitoring.drift.compare import Comparison, compare
from monitoring.errors import Refused
from monitoring.policy.drift_policy import DEFAULT, DriftPolicy
from monitoring.policy.judge import judge
from monitoring.policy.verdict import Finding, Verdict
from monitoring.profiles.profile import ProfileMismatch, profile_batch
from monitoring.profiles.reference import Reference
from tests.tables_of_rows import contract_of, reference_of, rows_of

RNG = np.random.default_rng(11)
PLAIN = contract_of(("x", "z"), {"c": ["a", "b"]})


def plain_rows(n: int, shift: float = 0.0, **columns):
    rng = np.random.default_rng(n)
    made = {"x": rng.normal(shift, size=n), "z": rng.normal(size=n), "c": rng.choice(["a", "b"], n)}
    return rows_of(**(made | columns))


def verdict_on(
    reference: Reference, rows, policy: DriftPolicy = DEFAULT
) -> tuple[Verdict, dict[tuple[str, str], Finding]]:
    comparison = compare(reference, profile_batch(rows, reference.grids), level=policy.alpha)
    verdict, findings = judge(comparison, policy, reference.grids.contract, "The batch")
    return verdict, {(f.column, f.detector): f for f in findings}


PLAIN_REFERENCE = reference_of(PLAIN, plain_rows(5_000))


def test_unchanged_rows_are_stable() -> None:
    verdict, findings = verdict_on(PLAIN_REFERENCE, plain_rows(4_999))
    assert verdict.name == "stable"
    assert {f.state for f in findings.values()} <= {"stable", "not_applicable"}
    assert "if rows are independent" in verdict.caveat


def test_a_reference_that_is_a_sample_says_so() -> None:
    reference = reference_of(contract_of(("x",)), rows_of(x=RNG.normal(size=120_000)))
    verdict, _ = verdict_on(reference, rows_of(x=RNG.normal(size=500)))
    assert "The reference is 100,000 of its 120,000 rows, drawn at random, always the same." in verdict.caveat
    assert "drawn at random" not in verdict_on(PLAIN_REFERENCE, plain_rows(500))[0].caveat


def test_a_moved_column_is_drift_and_named() -> None:
    verdict, findings = verdict_on(PLAIN_REFERENCE, plain_rows(4_000, shift=0.5))
    assert verdict.name == "drift"
    assert findings["x", "ks"].state == "drift"
    assert findings["z", "ks"].state == "stable"
    assert "1 of 3 inputs moved beyond its usual range (x)" in verdict.sentence
    assert [reason.column for reason in verdict.reasons] == ["x"]


def test_evidence_without_effect_does_not_ring() -> None:
    reference = reference_of(contract_of(("x",)), rows_of(x=RNG.normal(size=90_000)))
    verdict, findings = verdict_on(reference, rows_of(x=RNG.normal(0.05, size=400_000)))
    assert findings["x", "ks"].p_adjusted < 1e-6
    assert findings["x", "ks"].state == "small"
    assert verdict.name in ("stable", "watch")


def test_effect_without_evidence_is_undecided_and_says_what_would_decide() -> None:
    verdict, findings = verdict_on(PLAIN_REFERENCE, plain_rows(60))
    assert verdict.name == "undecided"
    assert findings["x", "ks"].state == "undecided"
    assert "rows" in findings["x", "ks"].note


def test_a_muted_column_is_measured_but_does_not_decide() -> None:
    policy = DEFAULT.model_copy(update={"muted": ("x",)})
    verdict, findings = verdict_on(PLAIN_REFERENCE, plain_rows(4_000, shift=0.5), policy)
    assert findings["x", "ks"].state == "drift"
    assert verdict.name == "stable"


def test_known_categories_in_another_spelling_are_a_broken_feed() -> None:
    c = np.where(np.arange(4_000) % 2, "a ", "B")
    verdict, _ = verdict_on(PLAIN_REFERENCE, plain_rows(4_000, c=c))
    assert verdict.name == "broken"
    assert "c: 'B' is not known, 'b' is" in verdict.sentence
    assert verdict.action == "repair_feed"


def test_a_jump_in_missing_is_a_broken_feed() -> None:
    x = RNG.normal(size=4_000)
    x[:1_600] = np.nan
    verdict, _ = verdict_on(PLAIN_REFERENCE, plain_rows(4_000, x=x))
    assert verdict.name == "broken"
    assert "x: 40 % missing, usually 0 %" in verdict.sentence


def test_a_stuck_sensor_is_a_broken_feed() -> None:
    verdict, _ = verdict_on(PLAIN_REFERENCE, plain_rows(4_000, x=np.full(4_000, 0.5)))
    assert verdict.name == "broken"
    assert "every value is '0.5'" in verdict.sentence


def test_a_column_without_any_value_is_a_broken_feed() -> None:
    verdict, findings = verdict_on(PLAIN_REFERENCE, plain_rows(4_000, x=np.full(4_000, np.nan)))
    assert verdict.name == "broken"
    assert findings["x", "ks"].state == "not_applicable"


def test_one_wild_value_changes_nothing() -> None:
    x = np.random.default_rng(4_000).normal(size=4_000)
    x[0] = 1e6
    calm = plain_rows(4_000)
    verdict, findings = verdict_on(PLAIN_REFERENCE, calm.set_column(0, "x", [x]))
    usual, before = verdict_on(PLAIN_REFERENCE, calm)
    assert verdict.name == usual.name
    assert findings["x", "ks"].effect == pytest.approx(before["x", "ks"].effect, abs=1e-3)


class TestDays:
    """Columns that change from day to day though nothing has happened."""

    contract: Contract = contract_of(("weather", "steady"), dated=True)

    def rows(self, days: range, per_day: int = 200, shift: float = 0.0, seed: int = 0):
        rng = np.random.default_rng(seed)
        day = np.repeat(np.array(days), per_day)
        mood = rng.normal(size=len(days))[day - days.start]
        weather = mood + 0.3 * rng.normal(size=len(day)) + shift
        return rows_of(day, weather=weather, steady=rng.normal(size=len(day)))

    def reference(self) -> Reference:
        return reference_of(self.contract, self.rows(range(30), seed=1))

    def test_days_that_differ_as_days_do_are_no_drift(self) -> None:
        verdict, findings = verdict_on(self.reference(), self.rows(range(40, 47), seed=2))
        weather = findings["weather", "ks"]
        assert weather.p_rows < 1e-6
        assert weather.state in ("small", "stable", "undecided")
        assert verdict.name != "drift"
        assert weather.natural_variation > 0.2

    def test_what_rows_alone_tell_from_zero_is_small_beside_the_natural_variation(self) -> None:
        weather = verdict_on(self.reference(), self.rows(range(40, 60), seed=2))[1]["weather", "ks"]
        assert (weather.p_rows < 1e-6, weather.p_days > 0.5) == (True, True)
        assert weather.tolerance == weather.natural_variation > weather.effect_high
        assert weather.state == "small"

    def test_days_that_differ_more_are_drift(self) -> None:
        verdict, findings = verdict_on(self.reference(), self.rows(range(40, 60), seed=3, shift=4.0))
        assert findings["weather", "ks"].state == "drift"
        assert findings["steady", "ks"].state == "stable"
        assert verdict.name == "drift"

    def test_one_day_never_rings_and_says_how_many_are_needed(self) -> None:
        verdict, findings = verdict_on(self.reference(), self.rows(range(40, 41), seed=4, shift=9.0))
        assert verdict.name == "undecided"
        assert "1 day of data" in verdict.sentence
        assert findings["weather", "ks"].outside_every_block
        assert findings["weather", "ks"].p_days is None

    @pytest.mark.parametrize(("rows", "words"), [(1, "1 row is too few"), (8, "8 rows are too few")])
    def test_a_handful_of_rows_is_too_few_and_not_called_days(self, rows: int, words: str) -> None:
        verdict, _ = verdict_on(self.reference(), self.rows(range(40, 41), per_day=rows, seed=4))
        assert verdict.name == "undecided"
        assert words in verdict.sentence

    def test_rows_without_a_time_are_one_block(self) -> None:
        rows = self.rows(range(40, 60), seed=3, shift=9.0).drop_columns(["at"])
        verdict, findings = verdict_on(self.reference(), rows)
        assert verdict.name == "watch"
        assert "weather is further off than any single day" in verdict.sentence
        assert "too few days" in verdict.sentence
        assert "timestamps" in findings["weather", "ks"].note

    def test_a_stable_batch_names_what_could_not_be_judged(self) -> None:
        rows = self.rows(range(40, 42), per_day=4_000, seed=3).drop_columns(["at"])
        verdict, findings = verdict_on(self.reference(), rows)
        assert findings["weather", "ks"].state == "undecided"
        assert verdict.name == "stable"
        assert "(weather cannot be judged yet)" in verdict.sentence

    def test_the_same_seed_gives_the_same_numbers(self) -> None:
        rows = self.rows(range(40, 50), seed=5)
        assert verdict_on(self.reference(), rows) == verdict_on(self.reference(), rows)


def test_a_profile_of_another_reference_is_refused() -> None:
    profile = profile_batch(plain_rows(100), PLAIN_REFERENCE.grids)
    with pytest.raises(ProfileMismatch):
        compare(PLAIN_REFERENCE, replace(profile, reference="another"))


def test_every_correction_can_be_asked_for() -> None:
    profile = profile_batch(plain_rows(4_000, shift=0.5), PLAIN_REFERENCE.grids)
    comparison: Comparison = compare(PLAIN_REFERENCE, profile)
    adjusted = {}
    for correction in ("holm", "by", "bh"):
        policy = DriftPolicy(correction=correction)
        findings = judge(comparison, policy, PLAIN, "The batch")[1]
        adjusted[correction] = {f.column: f.p_adjusted for f in findings if f.detector in ("ks", "chi2")}
    assert adjusted["bh"]["z"] <= adjusted["holm"]["z"] <= 1
    assert adjusted["bh"]["z"] <= adjusted["by"]["z"]


def test_a_policy_is_read_from_toml_and_versioned_by_content() -> None:
    policy = DriftPolicy.from_toml('name = "relaxed"\nfloor = 0.1\nmuted = ["x"]\n')
    assert (policy.floor, policy.muted) == (0.1, ("x",))
    assert policy.id != DEFAULT.id
    assert DriftPolicy().id == DEFAULT.id


@pytest.mark.parametrize(
    ("text", "word"), [("floor = 2", "floor"), ("flor = 0.1", "flor"), ("alpha = ", "TOML"), ("alpha = 0.9", "alpha")]
)
def test_a_policy_that_cannot_be_meant_is_refused(text: str, word: str) -> None:
    with pytest.raises(Refused, match=word):
        DriftPolicy.from_toml(text)


class TestUnevenReference:
    """Rows without a time and days with a handful of rows in the reference change nothing for the others."""

    contract: Contract = contract_of(("weather", "steady"), dated=True)
    days = TestDays()

    def verdict(self, reference_rows):
        reference = reference_of(self.contract, reference_rows)
        return verdict_on(reference, self.days.rows(range(40, 60), seed=3, shift=4.0))

    @pytest.mark.parametrize("undated", [1, 3, 5_000])
    def test_undated_rows(self, undated: int) -> None:
        rows = self.days.rows(range(30), seed=1)
        times = rows["at"].to_pylist()
        extra = rows.slice(0, undated).set_column(
            rows.schema.get_field_index("at"), "at", [pa.nulls(min(undated, rows.num_rows), pa.timestamp("us"))]
        )
        assert len(times) == rows.num_rows
        clean = self.verdict(rows)[1]["weather", "ks"]
        uneven = self.verdict(pa.concat_tables([rows, extra]))[1]["weather", "ks"]
        assert (clean.state, uneven.state) == ("drift", "drift")
        assert uneven.natural_variation == pytest.approx(clean.natural_variation, abs=0.1)

    def test_a_day_of_three_rows_does_not_speak_for_the_others(self) -> None:
        rows = self.days.rows(range(30), seed=1)
        thin = self.days.rows(range(35, 36), per_day=3, seed=9, shift=50.0)
        finding = self.verdict(pa.concat_tables([rows, thin]))[1]["weather", "ks"]
        assert finding.state == "drift"

    def test_one_bad_day_of_missing_values_is_not_a_broken_feed(self) -> None:
        rows = self.days.rows(range(30), seed=1)
        gaps = np.array(rows["weather"].to_pylist())
        gaps[: 200 // 2] = np.nan
        reference = rows.set_column(0, "weather", pa.array(gaps, from_pandas=True))
        day = self.days.rows(range(40, 41), seed=4)
        for share, broken in ((0.6, False), (0.95, True)):
            values = np.array(day["weather"].to_pylist())
            values[: int(200 * share)] = np.nan
            batch = day.set_column(0, "weather", pa.array(values, from_pandas=True))
            verdict, _ = verdict_on(reference_of(self.contract, reference), batch)
            assert (verdict.name == "broken") is broken


class TestTooFewRows:
    """A test that these rows keep from rejecting is open, not inapplicable; nothing to compare is neither."""

    def finding(self, column: str, detector: str, rows, reference: Reference = PLAIN_REFERENCE) -> Finding:
        return verdict_on(reference, rows)[1][column, detector]

    def test_categories_in_a_handful_of_rows_are_undecided_and_say_how_many_rows_would_do(self) -> None:
        found = self.finding("c", "chi2", plain_rows(6))
        assert (found.state, found.p_adjusted) == ("undecided", 1.0)
        needed = int(found.note.removeprefix("needs ").split(" rows, has 6")[0].replace(",", ""))
        assert 6 < needed < 5_000
        assert self.finding("c", "chi2", plain_rows(2 * needed)).state == "stable"

    def test_a_swing_in_a_handful_of_rows_says_how_many_would_tell(self) -> None:
        rows = plain_rows(8, c=["a"] * 8)
        found = self.finding("c", "chi2", rows)
        assert found.state == "undecided"
        assert "may be chance: about" in found.note
        more = int(found.note.split("about ")[1].split(" would")[0])
        assert 8 < more < 200
        assert self.finding("c", "chi2", plain_rows(more + 20, c=["a"] * (more + 20))).state == "drift"

    def test_a_reference_of_a_few_rows_cannot_be_compared_with(self) -> None:
        found = self.finding("x", "ks", plain_rows(500), reference_of(PLAIN, plain_rows(3)))
        assert found.state == "undecided"
        assert "the reference is too small" in found.note

    def test_one_missing_value_among_many_is_stable(self) -> None:
        x = np.random.default_rng(1).normal(size=4_000)
        x[0] = np.nan
        found = self.finding("x", "missing", plain_rows(4_000, x=x))
        assert found.state == "stable"
        assert found.effect_high < found.tolerance

    def test_what_never_varies_is_stable_however_few_the_rows(self) -> None:
        contract = contract_of(("x",), {"c": ["a"]})
        reference = reference_of(contract, rows_of(x=np.zeros(900), c=["a"] * 900))
        findings = verdict_on(reference, rows_of(x=np.zeros(3), c=["a"] * 3))[1]
        tested = ("x", "ks"), ("c", "chi2"), ("x", "missing"), ("prediction", "ks")
        assert [(findings[key].state, findings[key].p_value) for key in tested] == [("stable", None)] * 4

    def test_a_side_without_a_value_has_nothing_to_compare(self) -> None:
        found = self.finding("x", "ks", plain_rows(50, x=np.full(50, np.nan)))
        assert (found.state, found.p_value, found.note) == ("not_applicable", None, "")

    def test_days_enough_do_not_help_a_column_with_too_few_values(self) -> None:
        contract = contract_of(("x",), {"c": ["a", "b"]}, dated=True)

        def rows(days: range, every: int):
            day = np.repeat(np.array(days), 50)
            filled = np.arange(len(day)) % every == 0
            return rows_of(day, x=RNG.normal(size=len(day)), c=np.where(filled, np.where(day % 2, "a", "b"), None))

        found = self.finding("c", "chi2", rows(range(40, 50), 70), reference_of(contract, rows(range(30), 1)))
        assert (found.state, found.n_batch, found.p_days) == ("undecided", 8, None)
        assert "days" not in found.note
        assert "rows" in found.note

    def test_a_column_that_cannot_reject_costs_the_others_nothing(self) -> None:
        contract = contract_of(("x", *(f"idle {i}" for i in range(60))))
        idle = {f"idle {i}": np.zeros(400) for i in range(60)}
        rng = np.random.default_rng(3)
        reference = reference_of(contract, rows_of(x=rng.normal(size=400), **idle))
        found = verdict_on(reference, rows_of(x=rng.normal(0.2, size=400), **idle))[1]["x", "ks"]
        assert found.p_adjusted == found.p_value < 0.05


class TestWeights:
    """A column that matters more to the model gets a larger part of alpha."""

    rows = plain_rows(900, shift=0.13)

    def adjusted(self, **settings) -> dict[tuple[str, str], float | None]:
        return {
            key: f.p_adjusted for key, f in verdict_on(PLAIN_REFERENCE, self.rows, DriftPolicy(**settings))[1].items()
        }

    def test_equal_weights_are_none(self) -> None:
        equal = dict.fromkeys(("x", "z", "c", "prediction"), 4.0)
        assert self.adjusted(weights=equal) == self.adjusted()

    @pytest.mark.parametrize("correction", ["holm", "by", "bh"])
    def test_a_heavier_column_pays_less_and_the_others_more(self, correction: str) -> None:
        plain = self.adjusted(correction=correction)
        heavy = self.adjusted(correction=correction, weights={"x": 20})
        light = self.adjusted(correction=correction, weights={"x": 0.05})
        assert heavy["x", "ks"] < plain["x", "ks"] < light["x", "ks"]

    def test_a_finding_says_its_weight(self) -> None:
        findings = verdict_on(PLAIN_REFERENCE, self.rows, DriftPolicy(weights={"x": 20}))[1]
        assert {column: f.weight for (column, _), f in findings.items()} == {"x": 20, "z": 1, "c": 1, "prediction": 1}

    def test_weights_are_part_of_the_content_whatever_their_order(self) -> None:
        one = DriftPolicy.from_toml("[weights]\nx = 2\nz = 0.5\n")
        assert one.id == DriftPolicy(weights={"z": 0.5, "x": 2.0}).id
        assert len({one.id, DEFAULT.id, DriftPolicy(weights={"x": 2.0}).id}) == 3

    @pytest.mark.parametrize("weight", ["0", "-1", "nan", "inf", "1000", "true", '"much"'])
    def test_a_weight_that_cannot_be_meant_is_refused(self, weight: str) -> None:
        with pytest.raises(Refused, match=r"weights\.x"):
            DriftPolicy.from_toml(f"[weights]\nx = {weight}\n")

    def test_days_and_natural_variation_follow_the_weight(self) -> None:
        days = TestDays()
        reference = days.reference()
        batch = profile_batch(days.rows(range(40, 43), seed=2), reference.grids)
        comparison = compare(reference, batch, weights={"steady": 0.01})
        by_column = {item.measurement.column: item for item in comparison.measured if item.counted}
        assert by_column["weather"].days is not None
        assert by_column["steady"].days is None
        assert by_column["steady"].days_needed > by_column["weather"].days_needed
        policy = DriftPolicy(weights={"steady": 0.01})
        notes = {f.column: f.note for f in judge(comparison, policy, days.contract, "It")[1] if f.detector == "ks"}
        assert notes["steady"] in ("", f"needs {by_column['steady'].days_needed} days of data, has 3")
