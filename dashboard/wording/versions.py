"""What is known about a version, as pairs of words. Pure."""

from __future__ import annotations

from dashboard.wording.escape import escape, name
from dashboard.wording.quantities import NBSP, counted, period
from monitoring.contract import Contract
from monitoring.performance.gate import Gate
from monitoring.registry.manifest import Manifest


def facts(contract: Contract, manifest: Manifest) -> dict[str, str]:
    """The few lines of a model's card, as Markdown."""
    return {
        "Predicts": predicts(contract),
        "Inputs": inputs(contract),
        f"Trained{NBSP}on": trained_on(manifest),
        "Reference": counted(manifest.reference_rows, "row") + " it never saw",
    }


def details(contract: Contract, manifest: Manifest) -> dict[str, str]:
    """All that a person may want to know about a version, as Markdown."""
    parity = manifest.parity
    return {
        **facts(contract, manifest),
        "Made": f"{manifest.created_at:%-d %b %Y, %H:%M} UTC",
        "Recipe": name(manifest.recipe),
        "Came from": f"version {manifest.parent}" if manifest.parent else "packaged with Driftline",
        "Training files": counted(len(manifest.sources), "uploaded file") if manifest.sources else "packaged rows only",
        "Days held out": counted(len(manifest.held_out_days), "day") if manifest.held_out_days else "none of uploads",
        "Export proved": f"largest difference {parity.largest_difference:.1e} on {counted(parity.real.rows, 'row')}, "
        "also with missing and unseen values"
        if parity.missing and parity.unseen
        else f"largest difference {parity.largest_difference:.1e} on {counted(parity.real.rows, 'row')}",
        "Model file": f"`{manifest.files.get('model.onnx', '')[:12]}…`",
    }


def predicts(contract: Contract) -> str:
    """What the model predicts, as Markdown."""
    target = contract.target
    described = f": {escape(target.description)}" if target.description else ""
    return f"{escape(target.positive)} or not{described}"


def inputs(contract: Contract) -> str:
    """How many inputs there are, and of which kind."""
    return f"{counted(len(contract.numeric), 'number')}, {counted(len(contract.categorical), 'category', 'categories')}"


def trained_on(manifest: Manifest) -> str:
    """Rows and time of the training."""
    rows = counted(manifest.training_rows, "row")
    if manifest.training_from is None or manifest.training_to is None:
        return rows
    return f"{rows}, {period(manifest.training_from.isoformat(), manifest.training_to.isoformat())}"


def gate_line(gate: Gate | None) -> str:
    """How a version compared with its parent, in a line of text."""
    if gate is None:
        return "first version"
    auc = [f"{side.auc:.3f}" if side.auc is not None else "–" for side in (gate.champion, gate.challenger)]
    return f"AUC {auc[0]} → {auc[1]}, Brier {gate.champion.brier:.3f} → {gate.challenger.brier:.3f}"


def column_list(contract: Contract) -> list[dict[str, str]]:
    """The columns that a file needs, one row each, as text."""
    rows = [
        {"Column": column, "Kind": kind, "Needed": "optional", "About": about}
        for column, kind, about in (
            (contract.id, "text", "names the row; joins the outcomes"),
            (contract.timestamp, "time", "when the row happened; days are compared with days"),
        )
        if column
    ]
    for feature in contract.features:
        kind = f"number{f' ({feature.unit})' if feature.unit else ''}" if feature.kind == "numeric" else "category"
        needed = "may be missing" if feature.missing_allowed else "needed in each row"
        rows.append({"Column": feature.name, "Kind": kind, "Needed": needed, "About": feature.description})
    rows.append(
        {"Column": contract.target.name, "Kind": "0 or 1", "Needed": "optional", "About": contract.target.description}
    )
    return rows
