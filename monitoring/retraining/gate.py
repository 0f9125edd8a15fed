"""The comparison of challenger and champion on the same rows. Pure."""

from __future__ import annotations

from monitoring.performance.gate import Gate, GateResult

__all__ = ["Gate", "GateResult"]
