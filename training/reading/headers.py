"""What the packaged nets promise; `export.py` writes it into their files.

A calibration is a JSON file with the values of one kind that it changes, as
`calibrate_single.py` and `calibrate_lines.py` write it. What is here is of the nets
that are packaged.

`mnistry.scan.recognize.headers` reads it, and explains each value.
"""

import json
from pathlib import Path
from typing import Any

HEADERS: dict[str, dict[str, Any]] = {
    "lines": {
        "classes": 11,
        "blank": 10,
        "strip_rows": 32,
        "digit_rows": 22,
        "column_step": 4,
        "columns_per_frame": 2,
        "temperature": 1.0,
        "confidence": {  # fitted by calibrate_lines.py
            "free": {
                "coefficients": [-1.343, -0.267, 0.587, -0.781],
                "temperature": 1.24,
            },
            "matching": {
                "coefficients": [-0.647, -0.451, 0.436, -1.615, -0.2],
                "temperature": 1.13,
            },
        },
    },
    "digit": {
        "classes": 11,
        "non_digit": 10,
        "temperature": 1.0,
        # fitted by calibrate_single.py; accuracy hardly changes where these do a little
        "ensemble": {"lines": 0.48, "packaged": 0.12, "digit": 0.4},
        "line_weight": 0.5,
        # chosen on composed strings of writers held out
        "rescoring_weight": 0.15,
    },
    "upright": {"classes": 1},  # log odds of standing upright
}


def header_of(kind: str, calibrations: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Return the header of a net, with what calibrations change of it."""
    header = dict(HEADERS[kind])
    for path in calibrations:
        header |= json.loads(path.read_text()).get(kind, {})
    return header
