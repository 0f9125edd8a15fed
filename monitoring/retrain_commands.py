"""The commands about retraining by policy: `policy`, `decisions`, `requests`. Thin translations of the workflows."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from monitoring.errors import NotPossible, Refused
from monitoring.policy.retrain_policy import RetrainPolicy
from monitoring.policy.retrain_promise import promise
from monitoring.policy.retrain_toml import to_toml
from monitoring.tables.quoting import shown
from monitoring.workflows.decide import answer_request, keep_up, put_in_force
from monitoring.workflows.parts import Driftline
from monitoring.workflows.replay import replay

P = TypeVar("P")
Add = Callable[[str, Callable[[Driftline, argparse.Namespace], int], str], argparse.ArgumentParser]
LISTED = 20
OTHERWISE = 70


def add_retrain_commands(add: Add) -> None:
    """Add the commands to a parser."""
    policy = add("policy", _policy, "Print the retrain policy in force, check one in a file, or put it in force.")
    policy.add_argument("--check", type=Path, metavar="FILE", help="say whether FILE can be used, and what it promises")
    policy.add_argument("--set", type=Path, metavar="FILE", help="put the policy in FILE in force")
    policy.add_argument("--reason", default="from the command line", help="kept with the policy")
    decisions = add(
        "decisions", _decisions, "Why it did or did not retrain: list, show, or decide again what was kept."
    )
    decisions.add_argument("action", choices=("list", "show", "replay", "catch-up"), nargs="?", default="list")
    decisions.add_argument("id", nargs="?", help="id of a decision; of `replay` all without one")
    decisions.add_argument("--all", action="store_true", help=f"all of them, not the last {LISTED}")
    requests = add("requests", _requests, "List the retrain requests, approve one, or refuse it.")
    requests.add_argument("action", choices=("list", "approve", "refuse"), nargs="?", default="list")
    requests.add_argument("id", nargs="?", help="id of a request")
    requests.add_argument("--reason", default="from the command line", help="kept with the answer")


def _policy(driftline: Driftline, options: argparse.Namespace) -> int:
    model = the_model(driftline, options)
    file = options.set or options.check
    policy = read_policy(file, RetrainPolicy.from_toml) if file else driftline.decisions.policy(model)
    if options.set:
        put_in_force(driftline, model, policy, reason=options.reason)
    if not file:
        print(to_toml(policy), end="")
    promised = promise(policy, alpha=driftline.policy.alpha)
    acts = "only says what it would do" if policy.dry_run else "acts"
    print(
        f"# {shown(policy.name)} ({policy.id}): {acts}; with a batch a day, on data that does not change, at most "
        f"{promised.unchanged:.2g} retrainings a year on average ({promised.independent:.2g} if batches are "
        f"independent), never more than {promised.ever:.3g}."
    )
    return 0


def read_policy(file: Path, from_toml: Callable[[str], P]) -> P:
    """The policy in a file. Raises Refused when there is none, or it cannot be used."""
    try:
        return from_toml(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"The policy file {file.name} cannot be read: it is not there or is no text.") from error


def _decisions(driftline: Driftline, options: argparse.Namespace) -> int:
    if options.action == "catch-up":
        keep_up(driftline)
    if options.action == "show":
        return _show(driftline, _named(options))
    if options.action == "replay":
        return _replay(driftline, options)
    lines = driftline.decisions.decisions(options.model, limit=None if options.all else LISTED)
    for line in lines:
        print(f"{line.id}  {line.at:%Y-%m-%d %H:%M}  {line.outcome:<8}  {shown(line.sentence, 300)}")
    if not lines:
        print("Nothing was decided yet: after each check the policy decides.")
    return 0


def _show(driftline: Driftline, decision_id: str) -> int:
    kept = driftline.decisions.decision(decision_id)
    decision = kept.decision
    print(f"{decision.outcome}: {shown(decision.sentence, 1000)}")
    for rule in decision.rules:
        print(f"  {rule.part:<12} {rule.code:<12} {rule.outcome:<7} {shown(rule.sentence, 500)}")
    print(f"by the policy {shown(decision.policy)} ({decision.policy_id}), for {decision.at.isoformat()}")
    if kept.request:
        print(f"request {kept.request}: {driftline.requests.request(kept.request).state}")
    return 0


def _replay(driftline: Driftline, options: argparse.Namespace) -> int:
    """Decide again; the exit code is that of an error of ours when an answer is otherwise."""
    ids = [options.id] if options.id else [line.id for line in driftline.decisions.decisions(options.model)]
    otherwise = [told for one in ids if not (told := replay(driftline.decisions.decision(one))).same]
    for told in otherwise:
        print(f"{told.id}: {shown(told.sentence, 1000)}", file=sys.stderr)
    print(f"{len(ids):,} decided again, {len(ids) - len(otherwise):,} the same, {len(otherwise):,} otherwise.")
    return OTHERWISE if otherwise else 0


def _requests(driftline: Driftline, options: argparse.Namespace) -> int:
    if options.action in ("approve", "refuse"):
        approve = options.action == "approve"
        request = answer_request(driftline, _named(options), approve=approve, reason=options.reason)
        print(f"{request.id} is {'approved and sent' if approve else 'refused'}.")
        return 0
    requests = driftline.requests.requests(options.model)
    for request in requests:
        who = "by hand" if request.by_hand else "by policy"
        answer = f"  {request.answer}: {shown(request.reason, 100)}" if request.answer else ""
        print(f"{request.id}  {request.created_at:%Y-%m-%d %H:%M}  {who:<9}  {request.state}{answer}")
    if not requests:
        print("Nothing was asked for yet.")
    return 0


def _named(options: argparse.Namespace) -> str:
    if not options.id:
        raise NotPossible(f"Say which: {options.action} needs an id, as `list` prints it.")
    return str(options.id)


def the_model(driftline: Driftline, options: argparse.Namespace) -> str:
    """The model that `--model` names, or the only one. Raises NotPossible when there are several."""
    models = driftline.registry.models()
    if options.model is None and len(models) > 1:
        raise NotPossible(f"There are several models; name one with --model: {', '.join(models)}.")
    return str(options.model or models[0])
