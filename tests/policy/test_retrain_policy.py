"""The policy's file: what may be written, and what is said of a mistake: what, where, how to mend it."""

from __future__ import annotations

from datetime import date

import pytest

from monitoring.errors import Refused
from monitoring.policy.retrain_policy import DEFAULT_RETRAIN, Muted, RetrainPolicy


def test_an_empty_file_is_the_default_which_only_tries_out() -> None:
    assert RetrainPolicy.from_toml("") == DEFAULT_RETRAIN
    assert DEFAULT_RETRAIN.dry_run
    assert RetrainPolicy.from_toml('name = "ours"').dry_run


def test_tables_are_read() -> None:
    policy = RetrainPolicy.from_toml(
        """
        name = "ours"
        dry_run = false
        [triggers]
        drift = "any"
        age_days = 90
        [[muted]]
        first = 2026-12-20
        last = 2027-01-02
        why = "frozen"
        [[muted]]
        weekdays = ["sat", "sun"]
        [approval]
        mode = "by_hand"
        """
    )
    assert (policy.triggers.drift, policy.triggers.age_days, policy.dry_run) == ("any", 90, False)
    assert [one.covers(date(2026, 12, 20)) for one in policy.muted] == [True, True]
    assert [one.covers(date(2027, 1, 4)) for one in policy.muted] == [False, False]


def test_dates_and_weekdays_together_mute_those_days_between_the_dates() -> None:
    window = Muted(first=date(2026, 3, 1), last=date(2026, 3, 31), weekdays=("fri",))
    assert [window.covers(date(2026, 3, day)) for day in (5, 6, 7)] == [False, True, False]
    assert not window.covers(date(2026, 4, 3))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("dry_run = maybe", "is not valid TOML"),
        ("[gates]\nlabeled_rows = 3", "gates.labeled_rows: there is no such key. Did you mean labelled_rows?"),
        ("[gate]\nrows = 3", "gate: there is no such key. Did you mean gates?"),
        ("[[muted]]\nwhen = 3", "muted.1.when: there is no such key. There are first, last, weekdays, why."),
        ("[suppression]\nbudget = 0", "suppression.budget: input should be greater than or equal to 1 (it is 0)."),
        ('[suppression]\nbudget = "two"', 'suppression.budget: input should be a valid integer (it is "two").'),
        ("[confirmation]\nbatches = 4", "batches (4) must not be above of (3): lower batches or raise of"),
        ("[confirmation]\nkeep = 3", "keep (3) must not be above batches (2): lower keep"),
        ("[drift]\nopen = 0.02", "drift: close (0.05) must not be above open (0.02): lower close"),
        ("[[muted]]\nwhy = 'x'", 'say when: first and last (dates), or weekdays = ["sat", "sun"]'),
        ("[[muted]]\nfirst = 2026-01-01", "give first and last, or neither"),
        ("[[muted]]\nfirst = 2026-02-01\nlast = 2026-01-01", "first (2026-02-01) is after last (2026-01-01)"),
        ('[[muted]]\nweekdays = ["mon","tue","wed","thu","fri","sat","sun"]', "all days of the week are muted"),
        ('[approval]\nmode = "sometimes"', "approval.mode: input should be 'automatic', 'by_hand' or 'by_hand_when'"),
        ("[approval]\nwhen = []", "by_hand_when needs a list"),
        ("[gates]\nrows = 0\nmature_days = -1", "1 more after that."),
    ],
)
def test_a_mistake_is_said_with_its_place_and_its_cure(text: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        RetrainPolicy.from_toml(text)
    assert says in str(refused.value)


def test_the_id_follows_the_content_alone() -> None:
    assert RetrainPolicy.from_toml("[gates]\nrows = 1000").id == DEFAULT_RETRAIN.id
    assert RetrainPolicy.from_toml("[gates]\nrows = 1001").id != DEFAULT_RETRAIN.id
    assert RetrainPolicy.from_toml("dry_run = false").id != DEFAULT_RETRAIN.id
