"""A retrain policy as the TOML text that `RetrainPolicy.from_toml` reads, every key with what it means. Pure."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from monitoring.policy.retrain_policy import RetrainPolicy

KEYS: Final[dict[str, str]] = {
    "name": "how the policy is called on screen",
    "dry_run": "true: only say what it would do",
    "clock": "wall: days are measured on now; data: on the newest row's time, for files of the past",
    "hook": "which retrain hook acts; empty: the first that is set up",
    "triggers.drift": "predictions: drift that moved the predictions; any: drift of any input; off",
    "triggers.performance": "whether a Brier score worse than the reference's asks, where outcomes are known",
    "triggers.age_days": "days after which a version that nobody retrained is retrained; 0: never",
    "drift.open": "share of predictions that moved, to open an episode",
    "drift.close": "and to keep it open",
    "performance.open": "how much worse the Brier score is than on the reference, to open an episode",
    "performance.close": "and to keep it open",
    "performance.labelled_rows": "fewest rows with outcomes that make a batch count",
    "performance.alpha": "largest probability that an unchanged batch counts",
    "confirmation.batches": "how many batches it takes",
    "confirmation.of": "of how many of the last",
    "confirmation.keep": "an episode ends below this many of them",
    "gates.rows": "fewest rows of the last batches together",
    "gates.labelled_rows": "fewest rows with outcomes that the version has not learnt from",
    "gates.mature_days": "days that outcomes are given to come in",
    "suppression.cool_down_days": "days after a request in which no other is made",
    "suppression.budget": "most requests in any 30 days",
    "suppression.one_in_flight": "a request waits until the one before is done",
    "muted.first": "first muted day (UTC)",
    "muted.last": "last muted day",
    "muted.weekdays": "muted days of the week: mon, tue, wed, thu, fri, sat, sun",
    "muted.why": "shown where it holds",
    "approval.mode": "automatic, by_hand, or by_hand_when one of the list holds",
    "approval.when": "first, age, performance, large_shift, few_labels",
    "approval.large_shift": "share of predictions that moved",
    "approval.few_labels": "rows with outcomes",
    "approval.expires_days": "days after which a request that nobody answered is void",
}
"""Every key of the file with what it means, in a few words."""

_WIDTH = 34


def to_toml(policy: RetrainPolicy) -> str:
    """The policy as a file: what `RetrainPolicy.from_toml` reads back as the same policy."""
    values = policy.model_dump(mode="python")
    lines = [_line(name, value, name) for name, value in values.items() if not isinstance(value, dict | tuple)]
    for table, inner in values.items():
        if isinstance(inner, dict):
            lines += ["", f"[{table}]", *(_line(name, value, f"{table}.{name}") for name, value in inner.items())]
    for window in values["muted"]:
        kept = {name: value for name, value in window.items() if value not in (None, "", ())}
        lines += ["", "[[muted]]", *(_line(name, value, f"muted.{name}") for name, value in kept.items())]
    return "\n".join(lines) + "\n"


def _line(name: str, value: Any, key: str) -> str:
    return f"{f'{name} = {written(value)}':<{_WIDTH}} # {KEYS[key]}"


def written(value: Any) -> str:
    """A value of a policy as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | int | float):
        return f"{value}"
    if isinstance(value, str):
        return _quoted(value)
    return f"[{', '.join(written(one) for one in value)}]"


def _quoted(text: str) -> str:
    """A basic string of TOML: quotes, backslashes and control characters escaped."""
    letters = (f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else c for c in text)
    escaped = "".join("\\" + c if c in '"\\' and len(c) == 1 else c for c in letters)
    return f'"{escaped}"'
