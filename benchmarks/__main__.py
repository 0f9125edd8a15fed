"""Everything that is quick enough to measure at any time: `make bench`.

Time from upload to verdict, then the ratios of `benchmarks.speed`, which are written to `benchmarks/latest.json`.
The simulations take longer and run by themselves: `python -m benchmarks.false_alarms`, `python -m benchmarks.power`.
"""

import sys

from benchmarks import from_upload, speed


def main() -> int:
    """Run both; 1 when the promised time or a goal is missed."""
    return max(from_upload.main(), speed.main(sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())
