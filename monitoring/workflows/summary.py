"""Where the command line finds a check as one JSON object."""

from monitoring.reports.check_json import summarise_check

__all__ = ["summarise_check"]
