"""One Spark session for all tests: it takes ten seconds to start."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import pyspark.sql


@pytest.fixture(scope="session")
def spark() -> "Iterator[pyspark.sql.SparkSession]":
    from mnistry.views.spark import start_session

    session = start_session()
    yield session
    session.stop()
