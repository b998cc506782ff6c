"""Metrics of the service, for Prometheus."""

from functools import partial

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from starlette.requests import Request
from starlette.responses import Response

from mnistry.web.service.pool import Pool

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """Requests and their seconds, and the state of the pool; each app has its own."""

    def __init__(self, pool: Pool) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "mnistry_requests",
            "Requests answered",
            ("path", "method", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "mnistry_request_seconds",
            "From the head of a request to the end of its answer",
            ("path",),
            buckets=BUCKETS,
            registry=self.registry,
        )
        gauges = {
            "mnistry_requests_in_flight": ("Requests admitted", "in_flight"),
            "mnistry_jobs_waiting": ("Jobs no worker has taken yet", "waiting"),
            "mnistry_workers": ("Worker processes", "workers"),
            "mnistry_worker_restarts": ("Workers that died or were late", "restarts"),
        }
        for name, (text, attribute) in gauges.items():
            gauge = Gauge(name, text, registry=self.registry)
            gauge.set_function(partial(getattr, pool, attribute))

    def count(self, path: str, method: str, status: int, seconds: float) -> None:
        """Count one request.

        Args:
            path: The path of the route, so that there are few.
            method: The HTTP method.
            status: The status of the answer.
            seconds: How long it took.
        """
        method = method if method in {"GET", "POST", "OPTIONS", "HEAD"} else "other"
        self.requests.labels(path, method, str(status)).inc()
        self.seconds.labels(path).observe(seconds)

    async def answer(self, _request: Request) -> Response:
        """Answer a scrape."""
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)
