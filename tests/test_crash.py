"""kill -9 at random moments, fifty times: nothing acknowledged is lost, nothing half-built is served."""

import json
import subprocess
import sys


def test_fifty_kills_lose_nothing_and_need_no_repair() -> None:
    command = [sys.executable, "-m", "benchmarks.crash", "--kills", "50", "--seed", "1", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=800)
    assert done.returncode == 0, done.stderr[-2000:]
    rows = {row["metric"]: row["value"] for row in map(json.loads, done.stdout.splitlines())}
    assert rows["mistakes"] == 0 and rows["acknowledged"] > 50
    assert {"kills during record", "kills during load", "kills during train"} <= set(rows)
