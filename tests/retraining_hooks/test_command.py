"""A command gets the request and its output is shown; it ends when it must, with everything it started."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

import psutil
import pytest

from monitoring.errors import Cancelled, HookFailed
from monitoring.progress import silent
from monitoring.retraining.child_process import LINE_LENGTH
from monitoring.retraining.hooks.command import CommandHook
from monitoring.retraining.limits import DEFAULT_LIMITS, MEGABYTE, WorkLimits
from monitoring.retraining.request import Evidence, Outcome, RetrainHook, RetrainRequest, Source, dry_request
from tests.processes import wait_until

REQUEST = RetrainRequest(
    model="delay",
    champion=1,
    check="c" * 16,
    evidence=Evidence(verdict="drift", sentence="July looks different.", drifted=("temp",)),
    sources=(
        Source(check="c" * 16, file_name="july.csv", upload="a" * 64, labels=None, first_time=None, last_time=None),
    ),
    hook="command",
)


def python(code: str, *arguments: str, limits: WorkLimits = DEFAULT_LIMITS) -> CommandHook:
    """A hook that runs Python code."""
    return CommandHook((sys.executable, "-c", code, *arguments), limits)


class Said:
    """Keeps the messages of a progress."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def __call__(self, share: float, message: str) -> None:
        if message not in self.messages:
            self.messages.append(message)


def test_it_is_a_retrain_hook() -> None:
    hook: RetrainHook = python("")
    assert hook.name == "command"


def test_the_command_gets_the_request_as_json_with_its_id(tmp_path: Path) -> None:
    code = "import os, sys; open(sys.argv[1], 'w').write(sys.stdin.read() + os.environ['DRIFTLINE_REQUEST_ID'])"
    python(code, str(tmp_path / "seen")).run(REQUEST, silent)
    seen = (tmp_path / "seen").read_text()
    assert seen.endswith(REQUEST.id)
    given = json.loads(seen.removesuffix(REQUEST.id))
    assert given.pop("id") == REQUEST.id
    assert RetrainRequest.model_validate(given) == REQUEST


def test_what_it_prints_is_progress_and_its_last_line_the_outcome() -> None:
    said = Said()
    outcome = python("import sys; print('queued'); print('as run 7', file=sys.stderr)").run(REQUEST, said)
    assert outcome == Outcome(status="delivered", version=None, message="as run 7")
    assert [message for message in said.messages if not message.startswith("Running")] == ["queued", "as run 7"]


def test_a_command_that_says_nothing_is_delivered_too() -> None:
    assert python("").run(REQUEST, silent).status == "delivered"


def test_lines_are_cut_and_cannot_steer_a_terminal() -> None:
    said = Said()
    python("print('\\x1b[31mred\\x07' + '-' * 10_000)").run(REQUEST, said)
    assert "[31mred-" in "".join(said.messages)
    assert all(len(message) <= LINE_LENGTH and message.isprintable() for message in said.messages)


def test_a_flood_of_output_and_a_request_nobody_reads_block_nothing() -> None:
    many = REQUEST.model_copy(update={"sources": REQUEST.sources * 2_000})
    outcome = python("for number in range(100_000): print('line', number)").run(many, silent)
    assert outcome.message == "line 99999"


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("import sys; print('no such queue'); sys.exit(3)", r"ended with exit code 3: no such queue$"),
        ("import sys; sys.exit(1)", r"ended with exit code 1\.$"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", r"was ended by signal 9\.$"),
    ],
)
def test_another_exit_code_than_0_is_a_failure_with_the_last_line(code: str, sentence: str) -> None:
    with pytest.raises(HookFailed, match=sentence):
        python(code).run(REQUEST, silent)


SPAWNS = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def test_cancelling_ends_the_command_and_all_it_started() -> None:
    pids: list[int] = []

    def progress(share: float, message: str) -> None:
        if message.isdigit():
            pids.append(int(message))
            raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        python(SPAWNS).run(REQUEST, progress)
    assert len(pids) == 1
    wait_until(lambda: not runs(pids[0]), "what the command started has ended too")


def test_a_command_that_says_nothing_learns_of_a_cancel_too() -> None:
    asked = threading.Event()
    threading.Timer(0.5, asked.set).start()

    def progress(share: float, message: str) -> None:
        if asked.is_set():
            raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        python("import time; time.sleep(600)").run(REQUEST, progress)


def test_a_command_that_takes_too_long_is_ended_with_all_it_started() -> None:
    pids: list[int] = []

    def progress(share: float, message: str) -> None:
        if message.isdigit():
            pids.append(int(message))

    with pytest.raises(HookFailed, match=r"did not end within 2 s and was stopped: DRIFTLINE_RETRAIN_MINUTES.*raise"):
        python(SPAWNS, limits=WorkLimits(seconds=2.0)).run(REQUEST, progress)
    wait_until(lambda: not runs(pids[0]), "what the command started has ended too")


def test_what_a_command_leaves_running_on_purpose_is_not_waited_for_and_not_ended() -> None:
    said = Said()
    outcome = python(SPAWNS.replace("\ntime.sleep(600)\n", "\n")).run(REQUEST, said)
    left = psutil.Process(int(outcome.message))
    assert left.is_running()
    left.kill()


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


GROWS = """
import sys, time
held = []
for _ in range(100):
    held.append(bytearray(20_000_000))
    for place in range(0, 20_000_000, 4096):
        held[-1][place] = 1
    if sys.argv[1] == "slowly":
        time.sleep(0.1)
"""


@pytest.mark.parametrize("pace", ["slowly", "at once"])
def test_a_command_that_takes_too_much_memory_is_ended_and_the_limit_is_named(pace: str) -> None:
    with pytest.raises(HookFailed) as failure:
        python(GROWS, pace, limits=WorkLimits(memory=200 * MEGABYTE)).run(REQUEST, silent)
    assert "needs more than 200 MB of memory" in str(failure.value)
    assert "DRIFTLINE_RETRAIN_MEMORY_MB sets this limit, raise it" in str(failure.value)


def test_it_is_tried_with_a_dry_request_that_says_so(tmp_path: Path) -> None:
    code = "import os, sys; print(sys.stdin.read()[:0] + 'dry=' + os.environ.get('DRIFTLINE_DRY_RUN', '0'))"
    dry = dry_request("delay", 1, "command")
    assert dry.dry_run and not REQUEST.dry_run
    assert "took the dry request and ended well: dry=1" in python(code).try_out(dry, silent)
    assert python(code).run(REQUEST, silent).message == "dry=0"


@pytest.mark.parametrize("argv", [(), ("no-such-command-anywhere",), ("/no/such/file",)])
def test_a_command_that_is_not_there_is_told_before_it_is_needed(argv: tuple[str, ...]) -> None:
    (problem,) = CommandHook(argv).validate()
    assert "is not there or cannot be run: correct DRIFTLINE_RETRAIN_COMMAND" in problem
    with pytest.raises(HookFailed, match="is not there or cannot be run"):
        CommandHook(argv).run(REQUEST, silent)


def test_a_file_that_is_no_program_is_told_before_it_is_needed(tmp_path: Path) -> None:
    (tmp_path / "script.sh").write_text("echo")
    (tmp_path / "script.sh").chmod(0o644)
    (problem,) = CommandHook((str(tmp_path / "script.sh"),)).validate()
    assert "'script.sh' is not there or cannot be run" in problem


def test_a_program_without_a_known_format_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "script").write_bytes(b"\x00\x01")
    (tmp_path / "script").chmod(0o755)
    with pytest.raises(HookFailed, match="script could not be started"):
        CommandHook((str(tmp_path / "script"),)).run(REQUEST, silent)


def test_no_shell_reads_the_arguments(tmp_path: Path) -> None:
    injected = tmp_path / "injected"
    python("import sys; print(sys.argv[1][:4])", f"; touch {injected}").run(REQUEST, silent)
    assert not injected.exists()


def test_arguments_and_environment_are_never_shown(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("API_TOKEN", "hush-environment")
    hook = python("import sys; sys.exit(1)", "--token=hush-argument")
    with caplog.at_level("DEBUG"), pytest.raises(HookFailed) as failure:
        hook.run(REQUEST, silent)
    assert "hush" not in f"{failure.value} {hook.describe(REQUEST)} {caplog.text}"
    assert "names of 1 file with outcomes." in hook.describe(REQUEST)
