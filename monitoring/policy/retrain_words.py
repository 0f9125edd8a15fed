"""What the rules of a retrain policy say: sentences from what they counted. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from monitoring.policy.phrases import listed
from monitoring.policy.retrain_confirmation import Confirmed
from monitoring.policy.retrain_evidence import Asked, Batch

_GOES_ON = {"drift": "Drift goes on", "performance": "A worse Brier score goes on"}


def trigger_sentence(code: Literal["drift", "performance"], seen: Confirmed, high: str, moved: str) -> str:
    """How often it was seen of how many, and how often it must be."""
    of = f"of the last {seen.looked} batches" if seen.looked != 1 else "of 1 batch"
    needed = "1 is needed" if seen.needed == 1 else f"{seen.needed} are needed"
    if seen.asks:
        return f"{seen.fresh} {of} {moved}; {needed}."
    if not seen.looked:
        return f"No batch of this version has told anything yet; {needed}."
    if not seen.open:
        return f"{seen.high} {of} {high}; {needed}."
    fresh = f"only {seen.fresh}" if seen.fresh else "none"
    return f"{_GOES_ON[code]}, but {fresh} {of} came after the last request and {moved}; {needed}."


def nothing_known(batches: Sequence[Batch], least: int) -> str:
    """Why it is not known how good a version is."""
    known = [batch for batch in batches if batch.labelled_rows >= least]
    if not known:
        return f"No batch has outcomes for {least:,} rows: how good it is, is not known."
    why = "rows without times" if any(not batch.blocks for batch in known) else "a reference of a single day"
    return f"With {why} nothing tells a worse model from a worse day: how good it is, is not known."


def kind_of(request: Asked) -> str:
    """' (by hand)' or ' (in dry run only)' behind a request that no policy made; '' behind the others."""
    if request.state == "dry":
        return " (in dry run only)"
    return " (by hand)" if request.by_hand else ""


def kinds_of(requests: Sequence[Asked]) -> str:
    """', 1 by hand and 1 in dry run only' behind a number of requests; '' where the policy made all of them."""
    dry = sum(one.state == "dry" for one in requests)
    by_hand = sum(one.by_hand for one in requests if one.state != "dry")
    told = [f"{by_hand} by hand" if by_hand else "", f"{dry} in dry run only" if dry else ""]
    return f", {listed(list(filter(None, told)))}" if by_hand or dry else ""
