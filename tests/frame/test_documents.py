"""Documents and settings say what is there."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = ["README.md", "docs/development.md", "docs/how-it-works.md", "docs/training.md"]


def sources() -> list[Path]:
    """The project's own files; hidden folders that git ignores and caches are left out."""
    top = [
        path for path in ROOT.iterdir() if path.name[0] != "." or path.name in {".ci", ".streamlit", ".dockerignore"}
    ]
    files = [file for path in top for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file()]
    return [file for file in files if "__pycache__" not in file.parts]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def code() -> str:
    return "\n".join(path.read_text() for path in (ROOT / "monitoring").rglob("*.py"))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", (ROOT / document).read_text())
    local = [link for link in links if not link.startswith("http")]
    assert [link for link in local if not (ROOT / document).parent.joinpath(link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_of_make_exist(document: str) -> None:
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", (ROOT / document).read_text(), re.MULTILINE))
    assert named <= targets()


def test_every_command_of_make_is_described() -> None:
    text = (ROOT / "docs/development.md").read_text()
    assert {target for target in targets() if f"`make {target}`" not in text} == set()


def test_every_setting_is_described() -> None:
    described = set(re.findall(r"`(DRIFTLINE_[A-Z_]+)`", "".join((ROOT / d).read_text() for d in DOCUMENTS)))
    read = set(re.findall(r"environ[^\n]*[\"'](DRIFTLINE_[A-Z_]+)[\"']", code()))
    assert "DRIFTLINE_DATA" in read, "the search finds nothing any more"
    assert read - described == set()


def test_no_usage_statistics_and_no_request_for_fonts() -> None:
    settings = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["server"]["showEmailPrompt"] is False
    assert "://" not in (ROOT / ".streamlit/config.toml").read_text()


def test_light_and_dark_have_the_same_keys() -> None:
    theme = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["theme"]
    assert theme["light"].keys() == theme["dark"].keys()


def test_no_path_of_a_machine_is_in_the_project() -> None:
    homes = re.compile(rb"/(?:work|root)/[\w.-]+|/(?:home|Users)/[\w.-]+/")
    texts = [p for p in sources() if p.suffix in {".py", ".md", ".toml", ".txt", ".in", ".sh", ".json", ".yml", ""}]
    assert len(texts) > 50, "the search finds nothing any more"
    assert [p.name for p in texts if homes.search(p.read_bytes())] == []
