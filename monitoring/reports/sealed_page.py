"""Evidently's page in a shell of ours: nothing in it runs but its own scripts, and it never calls out.

Evidently writes column names and categories into a script without escaping `</script>`. Three walls, each enough by
itself: names are tamed before Evidently sees them, every `<` of its data is escaped, and a policy inside the page
names the scripts that may run by their hashes, so that the file is as safe from a disk as from our server.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from html import escape

_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(r'<div id="(root_metric_[0-9a-f]{32})">')
_DATA = "var metric_"
NARROWEST = 1_000
"""Width in pixels below which Evidently's page is clipped: there it scrolls sideways instead."""

_OWN_STYLE = f"""
body {{ margin: 0; min-width: {NARROWEST}px; }}
.driftline {{ box-sizing: border-box; position: sticky; left: 0; width: 100vw; max-width: 60rem; padding: 1rem 1.5rem;
  background: #fff; color: #141b26; font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }}
.driftline h1 {{ margin: 0 0 .25rem; font-size: 1.4rem; line-height: 1.25; }}
.driftline p, .driftline ul {{ margin: .25rem 0; }}
body .MuiTypography-root {{ overflow-wrap: anywhere; }}
@media (max-width: {NARROWEST - 1}px) {{ /* what says most is seen without scrolling sideways */
  body .MuiTypography-alignCenter {{ text-align: left; max-width: calc(100vw - 9rem); }}
  body .MuiStack-root {{ justify-content: flex-start; }}
}}
.driftline ul {{ padding-left: 1.25rem; color: #4a5563; }}
"""


def seal_page(html: str, *, title: str, sentence: str, notes: Sequence[str]) -> str:
    """A page of its own out of Evidently's, with a title, a sentence and notes above it.

    Raises:
        ValueError: Evidently's page is not built as expected.
    """
    root, style = _ROOT.search(html), _STYLE.search(html)
    start = html.find(f"<script>\n    {_DATA}")
    end = html.find(";\n</script>\n", start)
    if not (root and style and 0 < start < end):
        raise ValueError("Evidently's page is not built as this version of Driftline knows it")
    data = html[start + len("<script>") : end + len(";\n")].replace("<", "\\u003c")
    rest = _SCRIPT.findall(html[end + len(";\n</script>\n") :])
    scripts = [script.replace("\r\n", "\n").replace("\r", "\n") for script in (data, *rest)]
    listed = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="UTF-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_policy(scripts)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1.0">',
            f"<title>{escape(title)}</title>",
            f"<style>{style.group(1)}{_OWN_STYLE}</style></head><body>",
            f'<header class="driftline"><h1>{escape(title)}</h1><p>{escape(sentence)}</p><ul>{listed}</ul></header>',
            f'<div id="{root.group(1)}"></div>',
            *(f"<script>{script}</script>" for script in scripts),
            "</body></html>\n",
        ]
    )


def _policy(scripts: Sequence[str]) -> str:
    """A policy that lets exactly these scripts run and nothing be fetched from anywhere."""
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
