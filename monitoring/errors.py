"""Every error that Driftline raises on purpose. The message is a sentence for a person: what, where, how to mend it.

DriftlineError
├── Refused             what a person gave cannot be used; nothing was recorded (exit code 2)
│   ├── TableRefused    a file of rows that does not meet the contract
│   ├── LabelsRefused   a file of labels that cannot be joined
│   ├── ModelRefused    a model or version that must not be registered (failed parity, wrong inputs, …)
│   └── NotPossible     an action whose preconditions do not hold (nothing to roll back to, no labels to train on, …)
├── NotFound            a model, version, check or job that is not there (exit code 2)
├── StoreFailed         the data folder or its database cannot be read or written
├── HookFailed          a retrain hook ended without a result
└── Cancelled           a person asked to stop; not a failure
"""

from __future__ import annotations


class DriftlineError(Exception):
    """Root of the tree. `str(error)` is fit to be shown to a person."""


class Refused(DriftlineError):
    """What a person gave cannot be used; nothing was recorded."""


class TableRefused(Refused):
    """A file of production rows does not meet the contract."""


class LabelsRefused(Refused):
    """A file of labels cannot be joined to the rows."""


class ModelRefused(Refused):
    """A model or a version must not be registered."""


class NotPossible(Refused):
    """The preconditions of an action do not hold."""


class NotFound(DriftlineError):
    """A model, version, check or job is not there."""


class StoreFailed(DriftlineError):
    """The data folder or its database cannot be read or written."""


class HookFailed(DriftlineError):
    """A retrain hook ended without a result."""


class Cancelled(DriftlineError):
    """A person asked to stop."""
