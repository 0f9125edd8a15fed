"""The engine of Driftline. It imports no Streamlit.

The one thing that happens at import: two libraries are told to keep to themselves, which must be said before they are
loaded. Nothing leaves the machine.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # ONNX Runtime's official builds report to their maker otherwise
os.environ["DO_NOT_TRACK"] = "1"  # Evidently and what it brings along

VERSION = "0.1.0"
"""Of the whole program; pyproject.toml says the same."""
