"""Everything that is quick enough to measure at any time: `make bench`.

Time from upload to verdict; the ratios of `benchmarks.speed`, which are written to `benchmarks/latest.json`; a million
rows from file to verdict (`benchmarks.whole_way`); the memory of checks of two sizes (`benchmarks.size`, with ten
million rows in `make soak`). The simulations take longer and run by themselves: `python -m benchmarks.false_alarms`,
`python -m benchmarks.power`.
"""

import sys

from benchmarks import from_upload, size, speed, whole_way


def main() -> int:
    """Run all; 1 when the promised time or a goal is missed."""
    return max(from_upload.main(), speed.main(sys.argv[1:]), whole_way.main([]), size.main([]))


if __name__ == "__main__":
    sys.exit(main())
