"""A small page of our own behind the project's routes and headers, in a process of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
CHECK = "0123456789abcdef"
SERVER = f"""
    import sys

    sys.path.insert(0, {str(ROOT)!r})

    import streamlit as st

    from dashboard.routes import own_middleware, own_routes, warm_up

    app = st.App("app.py", routes=own_routes(), middleware=own_middleware(), lifespan=warm_up)
"""
PAGE = f"""
    import pandas as pd
    import plotly.graph_objects as go
    import streamlit as st

    from dashboard.arrivals import ARRIVALS
    from dashboard.routes.addresses import report_address

    st.title("A small page")
    given = st.file_uploader("A file")
    if given and (arrival := ARRIVALS.take(given.getvalue())):
        st.session_state["kept"] = arrival.keep()
    st.write("kept", st.session_state.get("kept", "nothing"))
    st.download_button("Take it", b"content", "taken.txt", on_click="ignore")
    st.metric("Rows", 6000, 5, chart_data=[1, 2, 3])
    st.dataframe(pd.DataFrame({{"a": [1, 2]}}))
    st.plotly_chart(go.Figure(go.Bar(x=["x", "y"], y=[1, 2])))
    st.iframe(report_address({CHECK!r}), height=600)
    st.link_button("Open alone", report_address({CHECK!r}))
"""


class OwnApp:
    """`streamlit run server.py` with `PAGE`, until `close`."""

    def __init__(self, folder: Path, *, base: str = "") -> None:
        (folder / "server.py").write_text(dedent(SERVER))
        (folder / "app.py").write_text(dedent(PAGE))
        self.data = folder / "data"
        self._log = folder / "server.log"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{port}{base}"
        options = {"server.port": port, "server.address": "127.0.0.1", "server.headless": "true"}
        options |= {"server.fileWatcherType": "none", "browser.gatherUsageStats": "false", "server.baseUrlPath": base}
        flags = [f"--{name}={value}" for name, value in options.items()]
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("STREAMLIT_", "DRIFTLINE_"))}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "server.py", *flags],
                cwd=folder,
                env={**inherited, "DRIFTLINE_DATA": str(self.data)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait()

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def log(self) -> str:
        """What the server wrote."""
        return self._log.read_text(errors="replace")

    def keep_report(self, html: str) -> None:
        """Put a page where the report of `CHECK` lies."""
        file = self.data / "reports" / f"{CHECK}.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(html)

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5).close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.close()
                    raise AssertionError(f"the app did not start:\n{self.log()}") from None
                time.sleep(0.1)
