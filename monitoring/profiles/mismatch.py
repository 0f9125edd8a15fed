"""What is raised when counts do not belong together."""

from __future__ import annotations

from monitoring.errors import DriftlineError


class ProfileMismatch(DriftlineError):
    """Two profiles, or a profile and a reference, do not belong together."""


def refuse_negative(smallest: int) -> None:
    """Refuse a difference of counts that is negative somewhere."""
    if smallest < 0:
        raise ProfileMismatch("The profile to take away is not contained in the other: some counts would be negative.")
