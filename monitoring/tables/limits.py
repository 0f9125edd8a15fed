"""How much a packed file may hold: a few kilobytes can unpack to more than any disk."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on what is unpacked, all in bytes but the ratio.

    Attributes:
        unpacked: most that one file may unpack to. Reading streams, so this bounds time, not memory.
        ratio: most bytes that a packed byte may stand for; tables pack to a tenth, seldom to a fiftieth.
        unsuspicious: what unpacks to no more than this is never held against its ratio.
        in_memory: most that a packed Parquet, Arrow or Excel file may unpack to, which cannot be streamed.
    """

    unpacked: int = 20_480 * MEGABYTE
    ratio: int = 100
    unsuspicious: int = 256 * MEGABYTE
    in_memory: int = 256 * MEGABYTE

    def allowed(self, packed: int) -> int:
        """Bytes that a file of `packed` bytes may unpack to."""
        return min(self.unpacked, max(self.unsuspicious, self.ratio * packed))


LIMITS = Limits()
