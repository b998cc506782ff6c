"""What one request may ask of the service, in numbers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of the service; each can be set by an option of `mnistry serve`."""

    body_bytes: int = 32 << 20
    """Of a request; a scan of a page at 300 dots per inch as JPEG has 2 MB."""
    held_bytes: int = 512 << 20
    """Of all requests together that are being received or answered."""
    files: int = 100
    """In one request."""
    pixels: int = 50_000_000
    """Of a picture, by its header; today's phones take 12 to 50 million."""
    pages: int = 50
    """Of a PDF or TIFF file."""
    images: int = 10_000
    """Of 28×28 pixels in one request."""
    queue: int = 64
    """Files or predictions that wait for a worker; more are answered 429."""
    job_seconds: float = 30.0
    """That a worker may take for one page; then it is ended, and the answer is 504."""
    body_seconds: float = 30.0
    """Until a request has arrived whole; then the answer is 408."""
    header_seconds: float = 10.0
    """Until the head of a request has arrived whole; then the connection is closed."""
    header_bytes: int = 64 << 10
    """Of the head of a request; a connection that sends a larger one is closed."""
    shutdown_seconds: float = 30.0
    """After SIGTERM, until what is under way must be finished."""
    worker_memory_bytes: int = 4 << 30
    """Of address space of each worker; what needs more fails, and the worker stays."""
