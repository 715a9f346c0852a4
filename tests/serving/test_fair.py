"""The counts by which workers take turns; the workers themselves are tested in test_server.py."""

import subprocess
import sys
from pathlib import Path

from aisle.serving.fair import Counts, shared

OTHER = """
import sys
from pathlib import Path
from aisle.serving.fair import Counts
counts = Counts(Path(sys.argv[1]))
for line in sys.stdin:
    more = line.strip()
    counts.leave() if more == "leave" else counts.add(int(more))
    print(counts.is_my_turn(), flush=True)
"""


def test_a_worker_waits_while_another_has_fewer_and_not_for_one_that_left() -> None:
    with shared() as place:
        other = subprocess.Popen([sys.executable, "-c", OTHER, place], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 text=True)  # fmt: skip
        assert other.stdin is not None and other.stdout is not None

        def told(line: str) -> bool:
            assert other.stdin is not None and other.stdout is not None
            print(line, file=other.stdin, flush=True)
            return other.stdout.readline().strip() == "True"

        assert told("2")  # alone
        counts = Counts(Path(place))
        assert counts.is_my_turn() and not told("0")
        counts.add(3)
        assert not counts.is_my_turn() and told("0")
        assert told("leave") and counts.is_my_turn()
        counts.leave()
        other.stdin.close()
        assert other.wait(60) == 0
        other.stdout.close()
