"""Doctests of the words, and of every pure module that has some."""

from __future__ import annotations

import doctest
import importlib

import pytest

MODULES = (
    "monitoring.policy.phrases",
    "monitoring.drift.attainable",
    "monitoring.drift.duplicates",
    "monitoring.drift.ks",
    "monitoring.drift.memory",
    "monitoring.drift.missing",
    "monitoring.drift.multiplicity",
    "monitoring.performance.realised",
    "monitoring.profiles.counting",
    "monitoring.drift.quantiles",
    "monitoring.drift.population_stability",
    "monitoring.drift.jensen_shannon",
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted
    assert not result.failed
