"""A line between browser and app that a test can slow down, cut and mend: a forwarder of TCP connections."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

AT_ONCE = 65_536


class Line:
    """Forwards connections to a port of this machine.

    Args:
        port: where the app listens.
        slow: bytes a second towards the app on a connection, None for as fast as it goes.
        strips: a path that is left out of what is asked for, as `proxy_pass http://app/;` in nginx does.
    """

    def __init__(self, port: int, *, slow: int | None = None, strips: str = "") -> None:
        self._port = port
        self._slow = slow
        self._strips = strips
        self._cut = False
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where a browser reaches the app through this line."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        """End every connection; new ones are ended as soon as they come."""
        self._cut = True
        with self._lock:
            ends, self._open = self._open, set()
        for end in ends:
            _end(end)

    def mend(self) -> None:
        """Let connections through again."""
        self._cut = False

    def close(self) -> None:
        """End it, with all that goes through it."""
        self.cut()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._port))
            except OSError:  # the app is gone
                _end(near)
                continue
            with self._lock:
                self._open |= {near, far}
            if self._cut:
                self.cut()
            threading.Thread(target=self._carry, args=(near, far, self._slow, self._strips), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, None, ""), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, slow: int | None, strips: str) -> None:
        with suppress(OSError):
            if strips:
                target.sendall(_stripped(_head(source), strips))
            while piece := source.recv(AT_ONCE):
                target.sendall(piece)
                if slow:
                    time.sleep(len(piece) / slow)
        with self._lock:
            self._open -= {source, target}
        _end(source)
        _end(target)


@contextmanager
def line_to(port: int, *, slow: int | None = None, strips: str = "") -> Iterator[Line]:
    """A line for the time of the block."""
    line = Line(port, slow=slow, strips=strips)
    try:
        yield line
    finally:
        line.close()


def _head(source: socket.socket) -> bytes:
    """What comes up to the end of a request's head, and what came with it."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = source.recv(AT_ONCE)
        if not piece:
            raise ConnectionError("the request ended within its head")
        head += piece
    return head


def _stripped(head: bytes, path: str) -> bytes:
    """A request without `path`, and its connection for this one request only, unless it becomes a web socket."""
    line, rest = head.split(b"\r\n", 1)
    method, address, version = line.split(b" ")
    if not address.startswith(f"{path}/".encode()):
        raise ConnectionError(f"asked for outside of {path}: {address!r}")
    if b"upgrade: websocket" not in rest.lower():
        rest = b"Connection: close\r\n" + re.sub(rb"(?im)^connection:.*\r\n", b"", rest, count=1)
    return b" ".join((method, address.removeprefix(path.encode()), version)) + b"\r\n" + rest


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
