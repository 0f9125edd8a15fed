"""What `make`, the setup and the start script promise, tried in a project of their own without any requirement."""

import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts import compile as compile_loops

ROOT = Path(__file__).parent.parent.parent
COMPILER = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), "no compiler: apt-get install gcc libc6-dev")
UNFINISHED = ".venv/driftline-unfinished"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The frame alone, in a folder whose name holds a space, with lock files that pin nothing."""
    return copy_frame(tmp_path / "a project")


@pytest.fixture(scope="module")
def two_setups(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[int], list[str]]:
    """The same after two setups at once, made once, since it takes seconds: the folder, exit codes, what they said."""
    folder = copy_frame(tmp_path_factory.mktemp("finished"))
    command = [sys.executable, "scripts/set_up.py", "development"]
    both = [
        subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    errors = [process.communicate(timeout=120)[1] for process in both]
    return folder, [process.returncode for process in both], errors


@pytest.fixture
def set_up_project(two_setups: tuple[Path, list[int], list[str]], tmp_path: Path) -> Path:
    """A copy of the finished one, to be spoilt."""
    folder, codes, errors = two_setups
    assert codes == [0, 0], errors
    return shutil.copytree(folder, tmp_path / "a copy", symlinks=True)


def copy_frame(folder: Path) -> Path:
    shutil.copytree(ROOT / "scripts", folder / "scripts")
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "monitoring/compiled").mkdir(parents=True)
    shutil.copy(ROOT / "monitoring/compiled/loops.c", folder / "monitoring/compiled")
    for lock in ("requirements.txt", "requirements-dev.txt"):
        (folder / lock).write_text("# nothing\n")
    return folder


def set_up(project: Path, kind: str = "runtime", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["scripts/set_up.sh", kind],
        cwd=project,
        env={**os.environ, "PYTHON": sys.executable, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def works(project: Path) -> bool:
    python = project / ".venv/bin/python"
    return python.exists() and subprocess.run([str(python), "-c", "import pip"], check=False).returncode == 0


def make(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], cwd=project, capture_output=True, text=True, check=False)


def test_make_alone_prints_every_target(project: Path) -> None:
    printed = make(project)
    targets = set(re.findall(r"^([a-z]+):", (project / "Makefile").read_text(), re.MULTILINE))
    assert printed.returncode == 0
    assert {"setup", "run", "test", "check", "help"} <= targets
    assert targets == set(re.findall(r"^ +make ([a-z]+) ", printed.stdout, re.MULTILINE))


@pytest.mark.slow
def test_setup_leaves_a_current_environment_alone(set_up_project: Path) -> None:
    assert works(set_up_project)
    made = (set_up_project / ".venv/pyvenv.cfg").stat().st_mtime_ns
    assert set_up(set_up_project, "development").returncode == 0
    assert set_up(set_up_project).returncode == 0
    assert (set_up_project / ".venv/pyvenv.cfg").stat().st_mtime_ns == made


@pytest.mark.slow
def test_changed_requirements_are_installed(set_up_project: Path) -> None:
    project = set_up_project
    (project / "requirements.txt").write_text("not-a-package==1.0 --hash=sha256:" + "0" * 64 + "\n")
    failed = set_up(project, PIP_NO_INDEX="1", PIP_FIND_LINKS="")
    assert failed.returncode == 1
    assert "not-a-package" in failed.stderr
    assert works(project), "a failed update must not cost the environment"
    (project / "requirements.txt").write_text("# nothing again\n")
    assert set_up(project).returncode == 0


@pytest.mark.slow
def test_setup_survives_being_killed(project: Path) -> None:
    killed = subprocess.Popen(
        [sys.executable, "scripts/set_up.py", "runtime"], cwd=project, start_new_session=True, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 30
    while not (project / UNFINISHED).exists():
        assert killed.poll() is None, "it finished before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    assert not works(project)
    again = set_up(project)
    assert again.returncode == 0, again.stderr
    assert works(project)
    assert not (project / UNFINISHED).exists()


@pytest.mark.slow
def test_setup_compiles_the_inner_loops_once_and_works_without_a_compiler(set_up_project: Path) -> None:
    folder = set_up_project / "monitoring/compiled"
    source, library = folder / "loops.c", folder / "loops.so"
    none = set_up(set_up_project, CC="/nowhere/cc")
    assert none.returncode == 0
    assert none.stderr == "setup: loops.c could not be compiled; Driftline works without it, small files take longer\n"
    assert not library.exists()
    assert set_up(set_up_project, CC=COMPILER).returncode == 0
    made = library.stat()
    assert set_up(set_up_project, CC="/nowhere/cc").stderr == "", "nothing is compiled that was"
    source.write_text("/* changed */\n" + source.read_text())
    assert set_up(set_up_project, CC=COMPILER).returncode == 0
    assert library.stat().st_ino != made.st_ino, "replaced, since a running process has the old one mapped"
    assert hashlib.sha256(source.read_bytes()).hexdigest().encode() in library.read_bytes()
    assert sorted(path.name for path in folder.iterdir()) == ["loops.c", "loops.so"]


def test_a_folder_that_cannot_be_written_costs_speed_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError("Permission denied")

    monkeypatch.setenv("CC", COMPILER)
    monkeypatch.setattr(compile_loops, "COMPILED", tmp_path / "loops.so")
    monkeypatch.setattr(compile_loops.tempfile, "TemporaryDirectory", refuse)
    assert compile_loops.main([]) == 0
    assert "Driftline works without it" in capsys.readouterr().err
    assert compile_loops.main(["--required"]) == 1
    assert "Permission denied" in capsys.readouterr().err


@pytest.mark.slow
def test_setup_replaces_an_environment_whose_python_is_gone(set_up_project: Path) -> None:
    for name in (set_up_project / ".venv/bin").glob("python*"):
        name.unlink()
        name.symlink_to("/nowhere/python")
    assert not works(set_up_project)
    assert set_up(set_up_project).returncode == 0
    assert works(set_up_project)


@pytest.mark.slow
def test_two_setups_at_once_wait_for_each_other(two_setups: tuple[Path, list[int], list[str]]) -> None:
    folder, codes, errors = two_setups
    assert codes == [0, 0], errors
    assert any("waiting" in error for error in errors)
    assert works(folder)


def test_without_a_fitting_python_one_line_says_so(project: Path) -> None:
    refused = set_up(project, PYTHON="/nowhere/python")
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert len(refused.stderr.splitlines()) == 1
    assert "Python 3.11" in refused.stderr
    assert not (project / ".venv").exists()


def start(project: Path, port: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DRIFTLINE_PORT": port}
    command = [sys.executable, "scripts/start.py"]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def test_a_taken_port_is_named_with_a_way_out(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = start(project, str(port))
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Port {port} is taken")
    assert "make run DRIFTLINE_PORT=" in refused.stderr


@pytest.mark.parametrize("port", ["0", "65536", "-1", "abc", "²", "8501 "])
def test_a_port_that_is_none_is_refused(project: Path, port: str) -> None:
    refused = start(project, port)
    assert refused.returncode == 1
    assert refused.stderr == f"DRIFTLINE_PORT is {port!r}: it must be a number from 1 to 65535.\n"
