"""The columns of what is read in bulk. Their names and types are stable.

There is a row for each line of digits; a page without digits and a picture that cannot
be read have one row each, `line` 0, that says why. docs/how-to/bulk.md has all columns.
"""

from typing import TYPE_CHECKING, Any

from mnistry.errors import UsageError
from mnistry.extras import require

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = require("pyarrow", extra="bulk")

READ, EMPTY, ERROR = STATUSES = ("read", "empty", "error")

BOX = pa.struct([(side, pa.int32()) for side in ("left", "top", "right", "bottom")])
ALTERNATIVE = pa.struct([("value", pa.int8()), ("confidence", pa.float32())])
DIGIT = pa.struct(
    [
        ("value", pa.int8()),
        ("confidence", pa.float32()),
        ("box", BOX),
        ("alternatives", pa.list_(ALTERNATIVE)),
        ("rejected", pa.bool_()),
    ]
)
COLUMNS = pa.schema(
    [
        ("name", pa.string()),
        ("page", pa.int32()),
        ("line", pa.int32()),
        ("text", pa.string()),
        ("confidence", pa.float32()),
        ("digits", pa.list_(DIGIT)),
        ("status", pa.string()),
        ("error", pa.string()),
        ("model", pa.string()),
        ("box", BOX),
        ("seconds", pa.float32()),
        ("version", pa.string()),
        ("reason", pa.string()),
    ]
)
# These describe the input, and are not kept in the output.
INPUTS = ("content", "path", "offset", "length", "problem")


def output_schema(inputs: Any) -> Any:
    """Return the output columns for given input columns: ours, then the user's.

    Args:
        inputs: A `pyarrow.Schema` with `name` or `path`, and `content` (binary) or
            `path`; optionally `page`, `offset`, `length`, `problem`; and any others.

    Raises:
        UsageError: A column of the user's has the name of one of ours, or there is
            neither `content` nor `path`.

    Example:
        >>> fields = [("path", pa.string()), ("who", pa.int8())]
        >>> output_schema(pa.schema(fields)).names[-2:]
        ['reason', 'who']
    """
    names = set(inputs.names)
    if not names & {"content", "path"}:
        message = (
            f"the columns {', '.join(inputs.names)} hold no pictures; expected"
            " `content` (binary) or `path`. Rename the column that does."
        )
        raise UsageError(message)
    ours = set(COLUMNS.names) - {"name", "page"}
    if taken := sorted(names & ours):
        message = (
            f"the columns {', '.join(taken)} have names that the output needs."
            " Rename them first."
        )
        raise UsageError(message)
    return pa.schema([*COLUMNS, *(inputs.field(name) for name in kept(inputs))])


def kept(inputs: Any) -> list[str]:
    """Return the names of the user's columns in the input.

    Args:
        inputs: A `pyarrow.Schema`.
    """
    return [name for name in inputs.names if name not in {*INPUTS, "name", "page"}]
