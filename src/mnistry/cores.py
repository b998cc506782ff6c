"""How many cores this process may use: of the machine, its affinity, its container."""

import os
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")


def usable_cores() -> int:
    """Count the cores that this process may use; at least 1.

    A container has an affinity or a quota of time; the host's cores are not its own.

    Example:
        >>> usable_cores() >= 1
        True
    """
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return max(1, min([cores, *_quotas()]))


def _quotas() -> list[int]:
    """Yield the cores that each parent control group allows, as a share of time."""
    found = []
    for folder in _groups():
        found += [_cores(folder / "cpu.max"), _cores_v1(folder)]
    return [int(cores) for cores in found if cores]


def _groups() -> list[Path]:
    """Return the folders of our control groups, of version 2 and 1, up to the root."""
    try:
        lines = MEMBERSHIP.read_text("ascii").splitlines()
    except OSError:
        return []  # not Linux
    folders = {CGROUPS, CGROUPS / "cpu"}
    for line in lines:
        _, controllers, name = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        root = CGROUPS / "cpu" if controllers else CGROUPS
        group = root / name.lstrip("/")
        folders |= {group, *(up for up in group.parents if up.is_relative_to(root))}
    return sorted(folders)


def _cores(file: Path) -> float:
    """Read version 2's limit, "max 100000" or "150000 100000"; 0 if there is none."""
    try:
        quota, period = file.read_text("ascii").split()
    except (OSError, ValueError):
        return 0
    return 0 if quota == "max" else max(1, int(quota) / int(period))


def _cores_v1(folder: Path) -> float:
    try:
        quota = int((folder / "cpu.cfs_quota_us").read_text("ascii"))
        period = int((folder / "cpu.cfs_period_us").read_text("ascii"))
    except (OSError, ValueError):
        return 0
    return 0 if quota <= 0 else max(1, quota / period)
