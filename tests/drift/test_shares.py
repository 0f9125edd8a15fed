"""Values beyond the reference's range are counted to the last one; its own ends lie within it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.drift.measurement import ShareShift
from monitoring.drift.shares import measure_out_of_range
from tests.drift.pairs import paired

values = st.lists(st.integers(-6, 6).map(float), min_size=1, max_size=40)


@given(values, values, st.sampled_from([3, 5, 8_191]))
def test_what_lies_beyond_the_reference_is_counted(a, b, points) -> None:
    pair, batch = paired(a, b, points, looked=False), np.array(b)
    shift = measure_out_of_range(pair).evidence
    assert isinstance(shift, ShareShift)
    assert shift.below == pytest.approx(np.mean(batch < min(a)))
    assert shift.above == pytest.approx(np.mean(batch > max(a)))
