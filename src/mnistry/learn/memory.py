"""Memory that stays with the process between steps."""

import numpy as np

LARGEST = 31 << 20  # bytes; glibc counts no block of 32 MB or more


def hold_memory() -> None:
    """Stop the C library from giving memory back to the system after every batch.

    glibc gives back what is freed beyond a size that grows with the largest block freed
    so far. The batches of a small net stay below it, and so pay for fresh pages each
    time: 1,800 page faults a step of `fast`, 5 after this, and a third of its time.

    Source:
        mallopt(3), M_MMAP_THRESHOLD and M_TRIM_THRESHOLD: "dynamic".
    """
    np.empty(LARGEST, np.uint8)  # made, never touched, and freed
