"""From a comparison to a verdict: the first that fits of broken, drift, undecided, watch, stable. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from monitoring.contract import Contract
from monitoring.drift.compare import Comparison
from monitoring.drift.memory import Memory
from monitoring.policy.broken import find_broken
from monitoring.policy.drift_policy import DriftPolicy
from monitoring.policy.phrases import percent
from monitoring.policy.sentences import (
    ADVICE,
    alike_sentence,
    broken_sentence,
    drift_sentence,
    stable_sentence,
    undecided_sentence,
    watch_sentence,
)
from monitoring.policy.states import name_states
from monitoring.policy.verdict import Finding, Reason, Verdict, VerdictName

MAIN = ("ks", "chi2")
MANY_DAYS = 2
"""How many times as many days the reference may have for the widths of both sides to be compared."""
STATE_ORDER = {"drift": 0, "undecided": 1, "small": 2, "stable": 3, "not_applicable": 4}
ROLE_ORDER = {"prediction": 0, "input": 1, "target": 2, "rows": 3}


def judge(
    comparison: Comparison, policy: DriftPolicy, contract: Contract, subject: str, *, memory: Memory | None = None
) -> tuple[Verdict, tuple[Finding, ...]]:
    """The verdict on a batch that sentences call `subject`, and its findings, those that matter most first.

    `memory` is that of the training period, where it is known: it decides nothing, but what is promised rests on it.
    """
    findings = _sorted(name_states(comparison, policy))
    name, reasons = _decide(findings, comparison, policy)
    sentence = _sentence(name, subject, findings, comparison, contract, reasons)
    action, advice = ADVICE[name]
    verdict = Verdict(
        name=name,
        sentence=sentence,
        action=action,
        advice=advice,
        reasons=reasons,
        caveat=_caveat(comparison, memory),
        policy=policy.name,
        policy_id=policy.id,
        thresholds=policy,
    )
    return verdict, findings


def _decide(
    findings: Sequence[Finding], comparison: Comparison, policy: DriftPolicy
) -> tuple[VerdictName, tuple[Reason, ...]]:
    many_days = MANY_DAYS * comparison.blocks_batch >= comparison.blocks_reference
    if broken := find_broken(findings, policy, dated=comparison.dated, many_days=many_days):
        return "broken", broken
    if drifted := tuple(_drifted(findings)):
        return "drift", drifted
    if _open(findings):
        return "undecided", _undecided(findings)
    if close := tuple(_close(findings, policy)):
        return "watch", close
    return "stable", ()


def _drifted(findings: Sequence[Finding]) -> list[Reason]:
    return [
        Reason(
            f"{f.detector}_drift",
            f.column,
            f"{f.column}: {percent(f.effect)} of rows moved, usually up to {percent(f.tolerance)}",
        )
        for f in findings
        if f.state == "drift" and f.role != "target" and not f.muted
    ]


def _open(findings: Sequence[Finding]) -> bool:
    """Whether the predictions or most inputs are left open."""
    main = [f for f in findings if f.detector in MAIN and not f.muted]
    inputs = [f for f in main if f.role == "input"]
    undecided = [f for f in inputs if f.state in ("undecided", "not_applicable")]
    predictions = any(f.role == "prediction" and f.state in ("undecided", "not_applicable") for f in main)
    return predictions or 2 * len(undecided) > len(inputs)


def _undecided(findings: Sequence[Finding]) -> tuple[Reason, ...]:
    open_ones = [f for f in findings if f.state == "undecided" and f.role != "target" and not f.muted]
    return tuple(Reason("undecided", f.column, f"{f.column}: {f.note}") for f in open_ones)


def _close(findings: Sequence[Finding], policy: DriftPolicy) -> list[Reason]:
    reasons = []
    for f in findings:
        if f.role == "target" or f.muted or f.detector not in (*MAIN, "missing"):
            continue
        if f.outside_every_block and f.p_days is None and f.state in ("small", "undecided"):
            text = f"{f.column}: further from the reference than any single block of it"
            reasons.append(Reason("outside_every_block", f.column, text))
        elif f.state == "small" and f.effect >= policy.watch_close * f.tolerance:
            text = f"{f.column}: {percent(f.effect)} of rows moved, close to its limit of {percent(f.tolerance)}"
            reasons.append(Reason("close_to_tolerance", f.column, text))
    return reasons


def _sentence(
    name: VerdictName,
    subject: str,
    findings: Sequence[Finding],
    comparison: Comparison,
    contract: Contract,
    reasons: Sequence[Reason],
) -> str:
    inputs = len(contract.features)
    if name == "broken":
        return broken_sentence(subject, reasons)
    if name == "drift":
        return drift_sentence(subject, findings, inputs, contract)
    if name == "undecided":
        return undecided_sentence(subject, comparison, findings)
    if name == "watch":
        return watch_sentence(subject, reasons, findings, contract)
    return stable_sentence(subject, findings, inputs, contract)


def _caveat(comparison: Comparison, memory: Memory | None) -> str:
    """What a reader should know about every number of the check, in a sentence or two; '' for nothing."""
    sentences = [_promise(comparison, memory)]
    if comparison.sampled_from:
        rows = f"{comparison.rows_reference:,} of its {comparison.sampled_from:,} rows"
        sentences.append(f"The reference is {rows}, drawn at random, always the same.")
    return " ".join(filter(None, sentences))


def _promise(comparison: Comparison, memory: Memory | None) -> str:
    """Where the false-alarm rate is not what the policy asks for."""
    if not comparison.dated:
        return "The false-alarm rate holds if rows are independent: the reference has no timestamps to judge by days."
    if not comparison.days_attainable:
        return "Too few days to compare with ordinary day-to-day change: nothing is called drift."
    return alike_sentence(memory) if memory else ""


def _sorted(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Drift first, within a state the predictions, then by how far beyond the tolerance."""
    main_first = {True: 0, False: 1}
    return tuple(
        sorted(
            findings,
            key=lambda f: (
                STATE_ORDER[f.state],
                ROLE_ORDER[f.role] if f.state == "drift" else 1,
                -f.effect / max(f.tolerance, 1e-9),
                main_first[f.detector in MAIN],
                f.column,
                f.detector,
            ),
        )
    )
