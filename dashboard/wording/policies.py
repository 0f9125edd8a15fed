"""The drift policy in words: every value, what it means, and where it is set. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dashboard.wording.quantities import number, percent
from monitoring.policy.drift_policy import BUILT_IN, DEFAULT, DriftPolicy

MEANINGS: Final[dict[str, str]] = {
    "alpha": "Largest probability that a check of unchanged data finds any drift at all.",
    "floor": "Smallest share of rows that must have moved before it matters, however certain it is.",
    "correction": "How p-values are adjusted for the number of tests of a check.",
    "weights": "Columns that matter more (or less) to the model get a larger (smaller) part of alpha.",
    "muted": "Columns that are measured and shown, but kept out of the verdict.",
    "broken_missing": "A missing share that jumps by this much is a broken feed, not drift.",
    "broken_respelled": "This share of rows with a known category in another spelling is a broken feed.",
    "broken_unseen": "This share of rows with categories never seen is a broken feed.",
    "broken_constant_rows": "So many rows of one and the same value, where the reference has more, are a broken feed.",
    "broken_unit": "Whether numbers that look like those of another unit (°C instead of °F) are a broken feed.",
    "watch_close": "A small effect beyond this part of its tolerance is worth watching.",
}
NAMES: Final[dict[str, str]] = {
    "alpha": "False-alarm rate (alpha)",
    "floor": "Smallest effect that matters (floor)",
    "correction": "Correction",
    "weights": "Weights",
    "muted": "Muted columns",
    "broken_missing": "Broken: jump of missing values",
    "broken_respelled": "Broken: other spelling",
    "broken_unseen": "Broken: never seen",
    "broken_constant_rows": "Broken: constant rows",
    "broken_unit": "Broken: another unit",
    "watch_close": "Watch from",
}
CORRECTIONS: Final = {"holm": "Holm", "by": "Benjamini–Yekutieli", "bh": "Benjamini–Hochberg"}
SHARES: Final = ("alpha", "floor", "broken_missing", "broken_respelled", "broken_unseen", "watch_close")


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """One value: its key in the file, its name and value as shown, what it means, where it is set."""

    key: str
    name: str
    value: str
    meaning: str
    where: str


def policy_lines(policy: DriftPolicy, *, source: str) -> tuple[PolicyLine, ...]:
    """Every value of a policy; `source` says where what differs from the built-in values is set."""
    return tuple(
        PolicyLine(
            key=key,
            name=NAMES[key],
            value=_value(policy, key),
            meaning=meaning,
            where="built in" if getattr(policy, key) == getattr(DEFAULT, key) else source,
        )
        for key, meaning in MEANINGS.items()
    )


def policy_source(file_name: str | None) -> str:
    """Where a policy comes from: `file_name` is what `DRIFTLINE_POLICY` names, None when it is not set."""
    if file_name is None:
        return "built in"
    if file_name in BUILT_IN:
        return f"built-in policy “{file_name}”, chosen by DRIFTLINE_POLICY"
    return f"file {file_name}, named by DRIFTLINE_POLICY"


def column_toml(column: str) -> str:
    """What to write into a policy file to mute a column, or to give it a weight."""
    name = _toml_string(column)
    return f"""# policy.toml
floor = {DEFAULT.floor}            # smallest share of rows that matters, for all columns
weights = {{ {name} = 3 }}   # this column gets three times its part of alpha
muted = [{name}]         # or: measured and shown, kept out of the verdict
"""


def policy_toml(policy: DriftPolicy) -> str:
    """A policy as a file that can be changed and read again."""
    lines = ["# Drift policy of Driftline: name this file in DRIFTLINE_POLICY and start it again.", ""]
    for key, value in policy.model_dump().items():
        meaning = MEANINGS.get(key, "How the policy is called on screen.")
        lines += [f"# {meaning}", f"{key} = {_toml(value)}", ""]
    return "\n".join(lines)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _toml_string(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_toml_string(key)} = {_toml(one)}" for key, one in value.items()) + " }"
    return f"[{', '.join(map(_toml, value))}]" if isinstance(value, (list, tuple)) else repr(value)


def _value(policy: DriftPolicy, key: str) -> str:
    value = getattr(policy, key)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key == "correction":
        return CORRECTIONS[value]
    if key == "muted":
        return ", ".join(value) or "none"
    if key == "weights":
        return ", ".join(f"{column} {number(weight)}" for column, weight in value.items()) or "all 1"
    return percent(value) if key in SHARES else number(value)


def _toml_string(text: str) -> str:
    """`text` as a basic string of TOML 1.0: quotes, backslashes and what cannot be printed are escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'
