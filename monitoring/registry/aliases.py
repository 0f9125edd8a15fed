"""Which version is in use, and how that came about. Plain values; the file they are kept in is the truth."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from monitoring.contract import Value
from monitoring.durable import replace_file
from monitoring.errors import StoreFailed
from monitoring.switch import Switch


class Aliases(Value):
    """The champion of one model and every switch that led to it, oldest first."""

    champion: int
    switches: tuple[Switch, ...] = ()

    @property
    def before(self) -> int | None:
        """The champion that rolling back brings back: the one that the last switch not yet undone replaced."""
        path: list[int | None] = []
        for switch in self.switches:
            if switch.kind == "promote":
                path.append(switch.previous)
            elif path:
                path.pop()
        return path[-1] if path else None


def switched(
    aliases: Aliases | None,
    *,
    model: str,
    version: int,
    previous: int | None,
    kind: Literal["promote", "roll_back"],
    reason: str,
    now: datetime,
    earlier: tuple[str, ...] | None = None,
) -> Aliases:
    """The aliases after one more switch."""
    switches = aliases.switches if aliases else ()
    content = f"{model}|{len(switches)}|{version}|{previous}|{kind}|{now.isoformat()}"
    switch = Switch(
        id="switch-" + hashlib.sha256(content.encode()).hexdigest()[:16],
        model=model,
        version=version,
        previous=previous,
        kind=kind,
        reason=reason,
        at=now,
        earlier=earlier,
    )
    return Aliases(champion=version, switches=(*switches, switch))


def read_aliases(path: Path) -> Aliases | None:
    """The aliases kept in a file, None when it was never written.

    Raises:
        StoreFailed: the file cannot be read or understood.
    """
    try:
        return Aliases.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise StoreFailed(
            f"{path.name} of {path.parent.name} in the data folder cannot be read, so which version is in use is not "
            "known. Bring the file back from a backup, or remove it to use the packaged version."
        ) from error


def write_aliases(path: Path, aliases: Aliases) -> None:
    """Keep aliases, atomically and durably. Raises OSError and then keeps the old ones."""
    replace_file(path, aliases.model_dump_json(indent=2).encode() + b"\n")
