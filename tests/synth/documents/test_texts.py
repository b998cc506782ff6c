import re
from collections.abc import Callable

import pytest

from mnistry.errors import UsageError
from mnistry.synth.documents.box_sheets import make_boxes_on_sheet
from mnistry.synth.documents.cheques import make_cheque
from mnistry.synth.documents.exams import make_exam
from mnistry.synth.documents.handheld import make_photographed_lines
from mnistry.synth.documents.scenes import Alphabet, Scene

Make = Callable[[Alphabet], Scene]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda a: make_exam(a, "12-4567"), "'12-4567'; expected digits alone."),
        (lambda a: make_exam(a, "12", cut="pages"), "no cut 'pages'; expected one of"),
        (lambda a: make_boxes_on_sheet(a, ["1234"]), "expected two rows or more, all"),
        (lambda a: make_boxes_on_sheet(a, ["12", "123"]), "two rows or more, all as"),
        (lambda a: make_cheque(a, ""), "cannot write ''; expected digits, at"),
        (lambda a: make_photographed_lines(a, []), "cannot write nothing; expected"),
    ],
)
def test_what_cannot_be_written_is_named_before_anything_is_drawn(
    alphabet: Alphabet, make: Make, message: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        make(alphabet)
