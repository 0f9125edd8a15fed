"""The commands about hooks and promotion: `hooks`, `promotion`, `watch`. Thin translations of the workflows."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from monitoring.errors import NotPossible
from monitoring.following import finished, wait_for
from monitoring.policy.promotion_policy import PromotionPolicy
from monitoring.policy.retrain_toml import written
from monitoring.retrain_commands import Add, read_policy, the_model
from monitoring.tables.quoting import shown
from monitoring.workflows.parts import Driftline
from monitoring.workflows.promote import decide_version
from monitoring.workflows.retrain import request_try
from monitoring.workflows.watch import WatchedVersion, keep_watch, watched_version


def add_promotion_commands(add: Add) -> None:
    """Add the commands to a parser."""
    hooks = add("hooks", _hooks, "List the retrain hooks with what keeps them from working, or try one.")
    hooks.add_argument("action", choices=("list", "try"), nargs="?", default="list")
    hooks.add_argument("name", nargs="?", metavar="HOOK", help="the hook to try; nothing is trained")
    promotion = add(
        "promotion",
        _promotion,
        "Print the promotion policy in force, check one in a file, or what it makes of a version.",
    )
    promotion.add_argument("version", type=int, nargs="?", metavar="VERSION")
    promotion.add_argument("--check", type=Path, metavar="FILE", help="say whether FILE can be used")
    watch = add(
        "watch", _watch, "How the version in use does beside the one before it; `compare` compares what came in since."
    )
    watch.add_argument("action", choices=("show", "compare"), nargs="?", default="show")
    watch.add_argument("--json", action="store_true", help="print one JSON object")


def _hooks(driftline: Driftline, options: argparse.Namespace) -> int:
    if options.action == "try":
        if not options.name:
            raise NotPossible(f"Say which: try needs a hook; there are {', '.join(driftline.hooks)}.")
        job = request_try(driftline, the_model(driftline, options), options.name)
        print((finished(wait_for(driftline, job.id)).result or {}).get("message", ""))
        return 0
    for name, hook in driftline.hooks.items():
        problems = hook.validate()
        print(f"{shown(name)}: {'not ready' if problems else 'ready'}{''.join(f'; {one}' for one in problems)}")
    return 0


def _promotion(driftline: Driftline, options: argparse.Namespace) -> int:
    policy = read_policy(options.check, PromotionPolicy.from_toml) if options.check else driftline.promotion
    if options.version is not None:
        return _tell_version(driftline, options)
    categorical = driftline.registry.champion(the_model(driftline, options)).contract.categorical
    if problems := policy.terms.unknown_segments(categorical):
        raise NotPossible(problems[0])
    _print_policy(policy)
    wanted = " or ".join(policy.suffices)
    asks = {"automatic": "nobody is asked", "by_hand": "a person promotes", "by_hand_when": "a person may be asked"}
    print(
        f"# {shown(policy.name)} ({policy.id}): {wanted} by the {policy.metric} suffices; {asks[policy.approval.mode]}."
    )
    return 0


def _print_policy(policy: PromotionPolicy) -> None:
    """As the file that `DRIFTLINE_PROMOTION_POLICY` names; what is not given has no line."""
    values = {name: value for name, value in policy.model_dump(mode="python").items() if value is not None}
    for name, value in values.items():
        if not isinstance(value, dict):
            print(f"{name} = {written(value)}")
    for table, inner in values.items():
        if isinstance(inner, dict):
            print(f"\n[{table}]")
            for name, value in inner.items():
                print(f"{name} = {written(value)}")


def _tell_version(driftline: Driftline, options: argparse.Namespace) -> int:
    version = driftline.registry.version(the_model(driftline, options), options.version)
    decision = decide_version(driftline, version)
    if decision is None:
        raise NotPossible(f"Version {version.number} was never compared with another: there is nothing to decide on.")
    print(f"{decision.outcome}: {shown(decision.sentence, 1000)}")
    for one in decision.requirements:
        print(f"  {'met' if one.met else 'not met':<8} {one.code:<12} {shown(one.sentence, 500)}")
    return 0


def _watch(driftline: Driftline, options: argparse.Namespace) -> int:
    model = the_model(driftline, options)
    found = keep_watch(driftline, model) if options.action == "compare" else watched_version(driftline, model)
    champion = driftline.registry.champion(model).number
    if options.json:
        print(json.dumps(_as_json(found) | {"model": model, "champion": champion}, allow_nan=False))
        return 0
    if found is None:
        print(f"Version {champion} of {model} was not put into use instead of another: there is nothing to watch.")
        return 0
    watch, verdict = found.watch, found.verdict
    print(f"{verdict.state}: version {watch.version} beside version {watch.previous}. {verdict.sentence}")
    for batch in watch.batches:
        print(
            f"  {batch.rows:>9,} rows  {batch.before:.4f} before  {batch.after:.4f} now  {shown(batch.file_name, 60)}"
        )
    if found.waiting:
        print(f"Batches with outcomes that are not compared yet: {found.waiting}. Compare them with `watch compare`.")
    if champion != watch.version:
        print(f"Version {champion} is back in use.")
    return 0


def _as_json(found: WatchedVersion | None) -> dict[str, object]:
    if found is None:
        return {"state": None}
    difference = found.verdict.difference
    return {
        "state": found.verdict.state,
        "sentence": found.verdict.sentence,
        "version": found.watch.version,
        "previous": found.watch.previous,
        "seen": found.verdict.seen,
        "planned": found.verdict.planned,
        "waiting": found.waiting,
        "promise": found.verdict.promise,
        "difference": difference and {"value": difference.value, "low": difference.low, "high": difference.high},
        "batches": [
            {"check": one.check, "rows": one.rows, "before": one.before, "after": one.after}
            for one in found.watch.batches
        ],
    }
