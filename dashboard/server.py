"""The server: the Streamlit page, our own routes beside it, security headers on everything.

Started with `streamlit run dashboard/server.py`. Nothing heavy is imported here.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # Streamlit puts this folder there, not the project's

import streamlit as st

from dashboard.routes import answer_uploads, own_middleware, own_routes, warm_up

answer_uploads()
app = st.App("app.py", routes=own_routes(), middleware=own_middleware(), lifespan=warm_up)
