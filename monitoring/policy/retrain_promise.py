"""How often a policy can ask for a retraining of a model whose data did not change, computed from the policy. Pure.

**Drift.** On data that did not change a check holds any `drift` with probability at most alpha (the drift policy's
promise). Each request of the drift trigger uses up k batches of its own that were in `drift` (`retrain_confirmation`).
So of N batches a year at most N alpha / k requests come of it on average: by the linearity of expectation, however
much batches resemble each other. Those k lie among m in a row; so if batches were independent, the first of them would
need k - 1 more among the m - 1 that follow: at most N alpha P(Binomial(m - 1, alpha) >= k - 1), which is far smaller.

**Performance.** The same with the trigger's own alpha, which holds about (the normal approximation of means) if days
are exchangeable; where the reference has no times, if rows are independent (`retrain_confirmation.beyond_chance`).

**Age.** At most 365.25 / days a year. **Cool-down and budget** cap the sum, with or without change.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

from monitoring.policy.retrain_policy import RetrainPolicy
from monitoring.policy.retrain_rules import BUDGET_DAYS

YEAR = 365.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Retrainings a year, on average over many years, that nobody asked for by hand.

    Attributes:
        unchanged: at most, on data that did not change, whatever the memory of batches.
        independent: at most, on data that did not change, if batches are independent.
        ever: at most, whatever happens.
        batches: batches a year that this is for.
    """

    unchanged: float
    independent: float
    ever: float
    batches: float


def promise(policy: RetrainPolicy, *, alpha: float, batches: float = YEAR) -> Promise:
    """What a policy promises for `batches` a year, checked by a drift policy with this `alpha`.

    >>> promise(RetrainPolicy(), alpha=0.01).unchanged
    3.6525
    """
    ever = _ever(policy)
    age = YEAR / policy.triggers.age_days if policy.triggers.age_days else 0.0
    alphas = [alpha] if policy.triggers.drift != "off" else []
    alphas += [policy.performance.alpha] if policy.triggers.performance else []
    worst = sum(batches * one / policy.confirmation.batches for one in alphas)
    free = sum(batches * one * _company(policy, one) for one in alphas)
    return Promise(
        unchanged=min(worst + age, ever), independent=min(free + age, worst + age, ever), ever=ever, batches=batches
    )


def _ever(policy: RetrainPolicy) -> float:
    caps = [policy.suppression.budget * YEAR / BUDGET_DAYS]
    if policy.suppression.cool_down_days:
        caps.append(YEAR / policy.suppression.cool_down_days)
    return min(caps)


def _company(policy: RetrainPolicy, alpha: float) -> float:
    """Probability of k - 1 more alarms among the m - 1 batches after one, each with `alpha`."""
    needed, after = policy.confirmation.batches - 1, policy.confirmation.of - 1
    return sum(comb(after, j) * alpha**j * (1 - alpha) ** (after - j) for j in range(needed, after + 1))
