"""Files of 6,000 rows that differ in one number, which scipy tells: a person who gets another's result would see it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, expect
from scipy import stats

from tests.app_server import AppServer
from tests.browser import by_hand
from tests.browser.by_hand import SAMPLES
from tests.browser_page import wait_until_rested

ROWS = 6_000
HOT = 99.0
"""A temperature that the reference never saw."""
DIFFERENT = 26
"""Files with numbers that follow each other, of which none shows the same gap as another."""


@dataclass(frozen=True)
class Own:
    """A file, and what its page must say.

    Attributes:
        file: the rows.
        rows: how many.
        gap: KS distance of the column temp from the reference.
    """

    file: Path
    rows: int
    gap: float

    def expect_on(self, page: Page, *, timeout: float = 60_000) -> None:
        """The page shows this file's own numbers."""
        expect(page.get_by_text(f"{self.rows:,} rows").first).to_be_visible(timeout=timeout)
        expect(page.get_by_text(re.compile(rf"\bKS {self.gap:.2f}\b")).first).to_be_visible(timeout=timeout)
        expect(page.get_by_role("heading", level=1)).to_contain_text(self.file.stem)


def write_own(folder: Path, number: int) -> Own:
    """Reference rows, drawn anew; in a share of them that is this file's own it is hot."""
    reference = by_hand.rows("reference")
    rng = np.random.default_rng(number)
    rows = reference.iloc[rng.integers(0, len(reference), ROWS + number)].copy()
    rows["flight_id"] = [f"{number}-{place}" for place in range(len(rows))]
    hot = round((0.3 + 0.025 * (number % DIFFERENT)) * len(rows))
    rows.loc[rows.index[rng.permutation(len(rows))[:hot]], "temp"] = HOT
    file = folder / f"own-{number}.csv"
    rows.drop(columns="late").to_csv(file, index=False)
    gap = stats.ks_2samp(reference.temp.dropna(), rows.temp.dropna(), method="asymp").statistic
    return Own(file, len(rows), float(gap))


def repeated(folder: Path, sample: str, times: int) -> Path:
    """A sample of 6,000 rows with its rows again and again, half a megabyte each time."""
    head, rows = (SAMPLES / f"{sample}.csv").read_bytes().split(b"\n", 1)
    file = folder / f"{sample}-{times}.csv"
    file.write_bytes(head + b"\n" + rows * times)
    return file


def open_window(browser: Browser, server: AppServer) -> Page:
    """The first page in a window that shares nothing with others: cookies, storage, session."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce").new_page()
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Does your production")).to_be_visible(timeout=60_000)
    wait_until_rested(page, timeout=60_000)
    return page
