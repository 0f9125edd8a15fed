"""What the image promises, read from the Dockerfile: there need not be an engine where the tests run."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def instructions() -> list[tuple[str, str]]:
    """Instruction and argument, continuation lines joined, comments left out."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in joined.splitlines() if line.strip()]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for instruction in instructions():
        if instruction[0] == "FROM":
            found.append([])
        found[-1].append(instruction)
    return found


def arguments(stage: list[tuple[str, str]], name: str) -> list[str]:
    return [argument for instruction, argument in stage if instruction == name]


def copied() -> set[str]:
    """Paths of the project that the final stage copies."""
    copies = [c for c in arguments(stages()[-1], "COPY") if not c.startswith("--from")]
    return {source for copy in copies for source in copy.split()[:-1]}


def let_in() -> set[str]:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in lines, "everything stays out unless it is named"
    return {line[1:] for line in lines if line.startswith("!")}


def test_two_stages_on_the_same_pinned_python() -> None:
    bases = [arguments(stage, "FROM")[0].split()[0] for stage in stages()]
    assert len(bases) == 2
    assert len(set(bases)) == 1, "the virtual environment is copied between them"
    assert re.fullmatch(r"python:3\.1[1-4]-slim-[a-z]+", bases[0])


def test_only_hashed_requirements_are_installed() -> None:
    installs = [run for stage in stages() for run in arguments(stage, "RUN") if "pip install" in run]
    assert len(installs) == 1
    assert "--require-hashes" in installs[0]
    assert "pip check" in installs[0]
    assert "requirements-dev" not in (ROOT / "Dockerfile").read_text()


def test_it_runs_as_nobody_special() -> None:
    final = stages()[-1]
    users = arguments(final, "USER")
    assert users
    assert all(int(part) >= 1000 for part in users[-1].split(":"))
    names = [name for name, _ in final]
    after = names[names.index("USER") :]
    assert not {"RUN", "COPY", "ADD"} & set(after), "whatever is done after USER would belong to it"
    assert not [copy for copy in arguments(final, "COPY") if "--chown" in copy], "code belongs to root"


def test_the_only_place_to_write_is_the_volume() -> None:
    final = stages()[-1]
    environment = dict(pair.split("=", 1) for pair in " ".join(arguments(final, "ENV")).split())
    assert arguments(final, "VOLUME") == ["/data"]
    assert environment["DRIFTLINE_DATA"] == "/data"
    assert environment["HOME"] == "/data"
    assert environment["DO_NOT_TRACK"] == environment["ORT_DISABLE_TELEMETRY"] == "1"
    prepared = [run for run in arguments(final, "RUN") if "install --directory" in run and run.endswith("/data")]
    assert prepared, "a fresh volume takes the owner of the folder below it"


def test_it_is_started_and_asked_for_its_health_without_a_shell() -> None:
    final = stages()[-1]
    entry = json.loads(arguments(final, "ENTRYPOINT")[0])
    assert entry[:5] == ["python", "-m", "streamlit", "run", "dashboard/server.py"]
    port = arguments(final, "EXPOSE")[0]
    assert f"--server.port={port}" in entry
    assert any(flag.startswith("--browser.serverAddress=") for flag in entry), "Streamlit would look up the address"
    health = arguments(final, "HEALTHCHECK")[0]
    probe = json.loads(health[health.index("CMD") + 4 :])
    assert f"http://127.0.0.1:{port}/_stcore/health" in probe[-1]
    compile(probe[-1], "HEALTHCHECK", "exec")


def test_what_is_copied_exists_and_is_let_in() -> None:
    sources = copied()
    assert sources
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert sources | {"requirements.txt", "scripts/compile.py"} == let_in()


def test_what_is_compiled_is_compiled_in_the_image() -> None:
    build, final = stages()
    assert any("scripts/compile.py --required" in run for run in arguments(build, "RUN")), "a missing compiler stops it"
    copies = arguments(final, "COPY")
    library = "monitoring/compiled/loops.so"
    compiled, package = copies.index(f"--from=build /build/{library} {library}"), copies.index("monitoring monitoring")
    assert compiled > package
    assert "**/loops.so" in (ROOT / ".dockerignore").read_text().splitlines(), "this machine's own stays out"


def test_every_package_of_the_product_is_in_the_image() -> None:
    packages = {init.parent.name for init in ROOT.glob("*/__init__.py")}
    assert packages - {"tests", "scripts", "benchmarks"} == copied() & packages
