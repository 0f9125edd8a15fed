"""Start the app on this machine: `python scripts/start.py`, which is what `make run` does."""

import os
import socket
import sys
from pathlib import Path

ADDRESS = "127.0.0.1"


def main() -> None:
    """Check the port, say where the page is, and become `streamlit run dashboard/server.py`."""
    port = _free_port(os.environ.get("DRIFTLINE_PORT") or "8501")
    os.chdir(Path(__file__).parent.parent)
    print(f"Driftline: http://{ADDRESS}:{port} (stop it with Ctrl-C)", flush=True)
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/server.py"]
    os.execv(sys.executable, [*command, f"--server.address={ADDRESS}", f"--server.port={port}"])


def _free_port(chosen: str) -> int:
    """The port that `chosen` names; ends the program with one line where it is no port or taken."""
    if not (chosen.isascii() and chosen.isdigit() and 0 < int(chosen) < 65536):
        sys.exit(f"DRIFTLINE_PORT is {chosen!r}: it must be a number from 1 to 65535.")
    port = int(chosen)
    if not _is_free(port):
        sys.exit(
            f"Port {port} is taken: Driftline may be running already at http://{ADDRESS}:{port}. "
            f"Choose another port: make run DRIFTLINE_PORT={port + 1 if port < 65535 else 8501}"
        )
    return port


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            return False
    return True


if __name__ == "__main__":
    main()
