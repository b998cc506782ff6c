import os
from pathlib import Path

import pytest

from mnistry import cores


def test_cores_are_those_of_affinity_and_quota(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        os, "sched_getaffinity", lambda _: set(range(16)), raising=False
    )
    monkeypatch.setattr(cores, "CGROUPS", tmp_path)
    monkeypatch.setattr(cores, "MEMBERSHIP", tmp_path / "membership")
    assert cores.usable_cores() == 16
    (tmp_path / "membership").write_text("0::/a/b\n3:memory:/m\n4:cpu,cpuacct:/v1\n")
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "cpu.max").write_text("max 100000\n")
    assert cores.usable_cores() == 16
    (tmp_path / "a" / "cpu.max").write_text("350000 100000\n")
    assert cores.usable_cores() == 3
    (tmp_path / "cpu" / "v1").mkdir(parents=True)
    (tmp_path / "cpu" / "v1" / "cpu.cfs_period_us").write_text("100000")
    (tmp_path / "cpu" / "v1" / "cpu.cfs_quota_us").write_text("-1")
    assert cores.usable_cores() == 3
    (tmp_path / "cpu" / "v1" / "cpu.cfs_quota_us").write_text("50000")
    assert cores.usable_cores() == 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores.usable_cores() == 1
