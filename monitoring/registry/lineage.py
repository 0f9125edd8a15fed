"""Which versions a version descends from."""

from __future__ import annotations

from monitoring.errors import DriftlineError
from monitoring.registry.registry import Registry
from monitoring.registry.version import Version


def list_lineage(registry: Registry, version: Version) -> tuple[Version, ...]:
    """The version, the champion that it challenged, the one that this had challenged, and so on to the first.

    It ends early at a version that is not there any more or is damaged.
    """
    line = [version]
    while (parent := line[-1].manifest.parent) is not None and parent < line[-1].number:
        try:
            line.append(registry.version(version.model, parent))
        except DriftlineError:
            break
    return tuple(line)
