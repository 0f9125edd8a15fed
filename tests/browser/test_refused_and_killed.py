"""Files that cannot be used, and a server that dies in the middle: one clear sentence, nothing half kept."""

from __future__ import annotations

import json
import sqlite3
import struct
import urllib.request
import zlib
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from tests.app_server import AppServer
from tests.browser.by_hand import SAMPLES
from tests.browser.own_files import repeated
from tests.browser_page import choose_file, wait_until_rested

pytestmark = pytest.mark.browser


def png() -> bytes:
    """A real picture of one grey dot."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")
    )


def recorded(server: AppServer) -> int:
    """Checks in the store."""
    with sqlite3.connect(f"file:{server.data / 'driftline.db'}?mode=ro", uri=True) as connection:
        return int(connection.execute("select count(*) from checks").fetchone()[0])


def open_first_page(page: Page, server: AppServer) -> None:
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Does your production data")).to_be_visible(timeout=30_000)
    wait_until_rested(page)


def without_temp() -> bytes:
    return pd.read_csv(SAMPLES / "july.csv").drop(columns="temp").to_csv(index=False).encode()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("without.csv", without_temp, "temp"),
        ("empty.csv", bytes, "empty"),
        ("picture.csv", png, "PNG"),
    ],
)
def test_a_file_that_cannot_be_used_gets_one_sentence_and_leaves_nothing(
    page: Page, server: AppServer, tmp_path: Path, name: str, content, words: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content())
    open_first_page(page, server)
    choose_file(page, file)
    refusal = page.get_by_test_id("stAlert").filter(has_text=name)
    expect(refusal).to_contain_text(words)
    expect(page.get_by_text("Traceback")).to_have_count(0)
    wait_until_rested(page)
    assert recorded(server) == 0
    kept = [path for path in (server.data / "uploads").rglob("*") if path.is_file()]
    assert len(kept) == (words == "temp"), "what may be read differently stays until the page lets go of it"
    choose_file(page, SAMPLES / "quiet-week.csv")
    expect(page.get_by_text("looks as usual")).to_be_visible(timeout=30_000)
    press_delete(page)
    expect(page.get_by_role("heading", name="Does your production data")).to_be_visible()
    assert recorded(server) == 0
    assert [path for path in (server.data / "uploads").rglob("*") if path.is_file()] == []
    with urllib.request.urlopen(f"{server.url}/api/ready") as answer:
        assert answer.status == 200
        assert json.load(answer)


def press_delete(page: Page) -> None:
    wait_until_rested(page)
    page.get_by_role("button", name="Delete this check …").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    wait_until_rested(page)


def test_a_server_killed_in_the_middle_of_a_check_shows_it_as_interrupted(
    page: Page, server: AppServer, tmp_path: Path
) -> None:
    big = repeated(tmp_path, "july", 120)
    open_first_page(page, server)
    choose_file(page, big)
    expect(page.get_by_test_id("stProgress")).to_be_visible(timeout=30_000)
    address = page.url
    server.kill()
    assert "check=" in address
    server.start()
    before = recorded(server)
    page.goto(address)
    expect(page.get_by_test_id("stAlert").filter(has_text="Interrupted")).to_be_visible(timeout=30_000)
    wait_until_rested(page)
    page.get_by_role("button", name="Start again").press("Enter")
    expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=60_000)
    assert recorded(server) == before + 1


def test_a_check_can_be_cancelled(page: Page, server: AppServer, tmp_path: Path) -> None:
    big = repeated(tmp_path, "december", 200)
    before = recorded(server) if (server.data / "driftline.db").exists() else 0
    open_first_page(page, server)
    choose_file(page, big)
    expect(page.get_by_test_id("stProgress")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Cancel", exact=True).press("Enter")
    expect(page.get_by_test_id("stAlert").filter(has_text="Cancelled")).to_be_visible(timeout=30_000)
    assert recorded(server) == before
