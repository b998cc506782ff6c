"""Limits of requests to the service."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of the service; `mnistry serve` has an option for each."""

    body_bytes: int = 32 << 20
    """Bytes of a request; a page scanned at 300 dots per inch is 2 MB as JPEG."""
    held_bytes: int = 512 << 20
    """Bytes of all requests that are being received or answered."""
    files: int = 100
    """In one request."""
    pixels: int = 50_000_000
    """Pixels of a picture, by its header; today's phones take 12 to 50 million."""
    pages: int = 50
    """Pages of a PDF or TIFF file."""
    images: int = 10_000
    """Images of 28×28 pixels in one request."""
    queue: int = 64
    """Files or predictions that wait for a worker; more are answered 429."""
    job_seconds: float = 30.0
    """Time for one page; then the worker is ended, and the answer is 504."""
    body_seconds: float = 30.0
    """Time for a request to arrive; then the answer is 408."""
    header_seconds: float = 10.0
    """Time for the head of a request to arrive; then the connection is closed."""
    header_bytes: int = 64 << 10
    """Bytes of the head of a request; for a larger one the connection is closed."""
    shutdown_seconds: float = 30.0
    """Time after SIGTERM to finish requests in progress."""
    worker_memory_bytes: int = 4 << 30
    """Address space of each worker; a job that needs more fails, the worker stays."""
