import os
import subprocess
import sys

import pytest

SCRIPT = """
import resource, sys
import numpy as np
from mnistry.learn.device import retain_memory

def use():
    blocks = [np.ones(2 << 20, np.uint8) for _ in range(4)]  # 2,048 pages in all

if sys.argv[1] == "hold":
    retain_memory()
use()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    use()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, how],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's way of giving back")
def test_memory_once_used_is_not_paid_for_again() -> None:
    assert faults("hold") < faults("give back") / 4
