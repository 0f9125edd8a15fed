"""Values seen before: what a set would find, and a fair sample of it when there are too many."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.tables.duplicates import Hashed, Seen

name = st.none() | st.sampled_from(["a", "b", "", "a longer name than a word", "Δ"]) | st.integers(0, 9).map(str)


@given(st.lists(st.lists(name, max_size=12), max_size=8))
@settings(max_examples=100, deadline=None)
def test_what_repeats_is_what_a_set_has_seen(batches) -> None:
    seen, known = Seen(), set()
    for batch in batches:
        wanted = []
        for place, value in enumerate(batch):
            if value is not None and value in known:
                wanted.append(place)
            known.add(value)
        assert seen.repeated(Hashed.of(pa.array(batch, pa.string()))).tolist() == wanted


def test_of_too_many_a_fair_part_is_looked_for_and_none_is_wronged() -> None:
    seen, rng = Seen(most=5_000), np.random.default_rng(1)
    found = 0
    for _ in range(50):
        values = rng.integers(0, 20_000, 2_000)
        places = seen.repeated(Hashed.of(pa.array(values).cast(pa.string())))
        found += len(places)
        assert seen._count <= 5_000
    assert seen.one_in == 4
    distinct = len(np.unique(np.concatenate([np.random.default_rng(1).integers(0, 20_000, 100_000)])))
    assert found * seen.one_in == pytest.approx(100_000 - distinct, rel=0.1)


def test_values_that_never_repeat_are_never_told_whatever_their_number() -> None:
    seen = Seen(most=1_000)
    for start in range(0, 20_000, 1_000):
        assert not len(seen.repeated(Hashed.of(pa.array(range(start, start + 1_000)).cast(pa.string()))))
    assert seen.one_in >= 16
