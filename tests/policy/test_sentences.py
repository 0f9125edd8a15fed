"""What the sentence says of what moved, of what did not, and of what could not be judged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitoring.drift.measurement import CategoryChange, CategoryShift
from monitoring.policy.sentences import drift_sentence, open_inputs, prediction_phrase
from monitoring.policy.verdict import Finding, State
from tests.dashboard.columns_by_hand import finding, shift
from tests.tables_of_rows import contract_of

CONTRACT = contract_of(("x", "z"))


def predictions(state: State) -> Finding:
    return finding("prediction", state, 0.14, shift(0.11, 0.08), role="prediction")


def test_predictions_left_open_are_not_said_to_have_stayed() -> None:
    said = drift_sentence("July", [finding("x", "drift", 1.0, shift(39, 77)), predictions("undecided")], 2, CONTRACT)
    assert said == (
        "July looks different: 1 of 2 inputs moved beyond its usual range (x), but whether predictions moved could not "
        f"be decided (11 % → 8 % {CONTRACT.target.positive})."
    )


@pytest.mark.parametrize("state", ["stable", "small"])
def test_predictions_known_to_have_stayed_are_said_to(state: State) -> None:
    assert prediction_phrase([predictions(state)], CONTRACT).startswith("predictions stayed within their usual range")


def test_predictions_with_nothing_to_compare_are_not_said_to_have_stayed() -> None:
    assert prediction_phrase([predictions("not_applicable")], CONTRACT) == "predictions could not be compared"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("undecided", "whether predicted classes moved could not be decided"),
        ("stable", "predicted classes stayed within their usual range"),
        ("drift", "predicted classes moved"),
    ],
)
def test_predicted_classes_are_said_to_have_stayed_only_where_that_is_known(state: State, words: str) -> None:
    grown = CategoryShift(grew=(CategoryChange("yes", 0.1, 0.4),), shrank=(), groups=2)
    found = replace(predictions(state), detector="chi2", evidence=grown)
    assert prediction_phrase([found], CONTRACT) == words


def test_where_no_input_was_found_to_have_moved_those_left_open_are_named() -> None:
    findings = [predictions("drift"), finding("x", "undecided", 0.3, shift(1, 2))]
    assert "none of 2 inputs moved beyond their usual range (x cannot be judged yet)" in drift_sentence(
        "July", findings, 2, CONTRACT
    )


def test_inputs_left_open_are_undecided_or_have_nothing_to_compare() -> None:
    findings = [
        finding("a", "undecided", 0.3, shift(1, 2)),
        finding("a", "stable", 0.0, shift(1, 1), detector="missing"),
        finding("b", "not_applicable", 0.0, shift(1, 1)),
        finding("c", "not_applicable", 0.0, shift(1, 1), detector="out_of_range"),
        finding("d", "undecided", 0.3, shift(1, 2), muted=True),
        finding("e", "drift", 0.9, shift(1, 9)),
        finding("e", "undecided", 0.1, shift(1, 9), detector="missing"),
        finding("f", "small", 0.1, shift(1, 2)),
        predictions("undecided"),
    ]
    assert open_inputs(findings) == ["a", "b"]
