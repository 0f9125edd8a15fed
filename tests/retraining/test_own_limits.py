"""Limits on what runs in the worker itself; each in a process of its own, for they bound the whole process."""

from __future__ import annotations

import contextlib
import signal
import threading
from pathlib import Path

import pytest

from monitoring.errors import HookFailed, NotPossible, Refused
from monitoring.retraining.limits import MEGABYTE, WorkLimits
from monitoring.retraining.own_limits import bounded, timed
from monitoring.retraining.request import TrainingData
from monitoring.workflows.retrain_settings import read_promotion_policy, retrain_settings
from tests.processes import started

SCRIPT = """
import numpy, resource, sys, threading, time
from monitoring.errors import HookFailed, ModelRefused
from monitoring.retraining.limits import MEGABYTE, WorkLimits
from monitoring.retraining.own_limits import bounded

before = resource.getrlimit(resource.RLIMIT_DATA)
try:
    with bounded("The training", WorkLimits(seconds=1.0, memory=1_000 * MEGABYTE)):
        {block}
except HookFailed as error:
    print(error)
assert resource.getrlimit(resource.RLIMIT_DATA) == before, "the limit is lifted again"
time.sleep(1.2)
held = numpy.empty(200_000_000)
print("and afterwards all is as before")
"""


@pytest.mark.parametrize(
    ("block", "says"),
    [
        (
            "numpy.empty(200_000_000)",
            "The training needs more than 1,000 MB of memory and was stopped: DRIFTLINE_RETRAIN_MEM",
        ),
        ("raise ModelRefused('The model failed: std::bad_alloc.')", "The training needs more than 1,000 MB of memory"),
        ("time.sleep(30)", "The training did not end within 1 s and was stopped: DRIFTLINE_RETRAIN_MINUTES"),
        ("pass", "and afterwards"),
    ],
)
def test_what_goes_beyond_a_limit_ends_in_a_sentence_that_names_it(block: str, says: str) -> None:
    with started("-c", SCRIPT.format(block=block)) as process:
        said, _ = process.communicate(timeout=60)
    assert said.startswith(says), said
    assert said.endswith("and afterwards all is as before\n"), said
    assert process.returncode == 0


def test_another_error_passes_as_it_is() -> None:
    with pytest.raises(NotPossible, match="no rows"), bounded("The training", WorkLimits()):
        raise NotPossible("no rows")


def test_a_loop_without_end_is_interrupted() -> None:
    with pytest.raises(HookFailed, match=r"did not end within 0\.2 s"), bounded("It", WorkLimits(seconds=0.2)):
        while True:
            pass


def test_of_two_blocks_in_each_other_the_one_whose_time_is_over_tells() -> None:
    short, long = WorkLimits(seconds=0.2), WorkLimits(seconds=3_600.0)
    with pytest.raises(HookFailed, match="The whole did not end"), timed("The whole", short), timed("A part", long):
        while True:
            pass
    with pytest.raises(HookFailed, match="A part did not end"), timed("The whole", long), timed("A part", short):
        while True:
            pass


def test_after_a_part_the_time_of_the_whole_goes_on() -> None:
    with pytest.raises(HookFailed, match="The whole did not end"), timed("The whole", WorkLimits(seconds=0.3)):
        with timed("A part", WorkLimits(seconds=0.2)):
            pass
        while True:
            pass


@pytest.mark.parametrize("way", ["ended", "failed"])
def test_a_block_that_ended_leaves_no_time_running(way: str) -> None:
    with contextlib.suppress(ZeroDivisionError), timed("It", WorkLimits(seconds=3_600.0)):
        1 / (way == "ended")
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert not [one for one in threading.enumerate() if isinstance(one, threading.Timer) and not one.finished.is_set()]


DEAF = """
import threading
from monitoring.retraining import own_limits
from monitoring.retraining.limits import WorkLimits

own_limits._GRACE_SECONDS = 0.1
with own_limits.timed("The hook", WorkLimits(seconds=0.1)):
    while True:
        try:
            threading.Event().wait()
        except BaseException as error:
            print(type(error).__name__, flush=True)
"""


def test_what_does_not_let_itself_be_stopped_is_ended_with_its_process() -> None:
    with started("-c", DEAF) as process:
        said, _ = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert said.startswith("_TimeIsOver\n"), "it was asked first"
    assert "this process is ended" in said


def test_settings_are_read_and_have_defaults(tmp_path: Path) -> None:
    assert retrain_settings({}) == retrain_settings({"DRIFTLINE_RETRAIN_MINUTES": "", "DRIFTLINE_TRAINING_DATA": ""})
    found = retrain_settings(
        {
            "DRIFTLINE_RETRAIN_MINUTES": "5",
            "DRIFTLINE_RETRAIN_MEMORY_MB": "2000",
            "DRIFTLINE_TRAINING_DATA": "all, last-30-days,since-drift, all",
            "DRIFTLINE_RETRAIN_FOLDER": "drop",
            "DRIFTLINE_RECIPE": "/srv/train.py",
        }
    )
    assert found.limits == WorkLimits(seconds=300.0, memory=2_000 * MEGABYTE)
    assert [one.code for one in found.data] == ["all", "last-30-days", "since-drift"]
    assert (found.folder, found.recipe) == (Path("drop"), Path("/srv/train.py"))
    (tmp_path / "p.toml").write_text('name = "mine"')
    assert read_promotion_policy(tmp_path / "p.toml").name == "mine"


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("DRIFTLINE_RETRAIN_MINUTES", "soon", "must be a whole number of minutes above 0, such as 60"),
        ("DRIFTLINE_RETRAIN_MINUTES", "0", "above 0"),
        ("DRIFTLINE_RETRAIN_MEMORY_MB", "-1", "must be a whole number of megabytes above 0, such as 8192"),
        ("DRIFTLINE_TRAINING_DATA", "last-0-days", "training data is all, since-drift or last-N-days"),
        ("DRIFTLINE_TRAINING_DATA", "most", "training data is all"),
    ],
)
def test_a_setting_that_cannot_be_understood_is_named(variable: str, value: str, says: str) -> None:
    with pytest.raises(Refused, match=says) as refusal:
        retrain_settings({variable: value})
    assert variable in str(refusal.value)


def test_a_promotion_policy_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"nowhere\.toml \(DRIFTLINE_PROMOTION_POLICY\) cannot be read"):
        read_promotion_policy(tmp_path / "nowhere.toml")


def test_training_data_has_days_only_where_they_belong() -> None:
    with pytest.raises(ValueError, match="belongs to recent rows"):
        TrainingData(kind="all", days=3)
    with pytest.raises(ValueError, match="belongs to recent rows"):
        TrainingData(kind="recent")
