import pytest

from mnistry.errors import IdxError
from mnistry.formats import idx
from tests import raised


def test_a_raised_error_is_noted_with_its_place() -> None:
    before = set(raised.seen)
    raised.seen.clear()
    unreached = raised.unseen()
    with pytest.raises(IdxError):
        idx.decode(b"")
    reached = set(unreached) - set(raised.unseen())
    raised.seen.update(before)
    assert {place.partition(":")[0] for place in reached} == {"formats/idx.py"}
