import csv
import io
import json

from mnistry.box import Box
from mnistry.scan.results import ReadDigit, Reading, ReadLine


def reading() -> Reading:
    four = ReadDigit(4, 0.9, Box(1, 2, 11, 22), ((9, 0.08), (7, 0.01)))
    blot = ReadDigit(1, 0.2, Box(12, 2, 20, 22), rejected=True)
    two = ReadDigit(2, 0.5, Box(3, 40, 12, 60))
    return Reading(
        (
            ReadLine("4", 0.8, (four, blot), Box(1, 2, 20, 22)),
            ReadLine("2", 0.5, (two,), two.box, page=2),
        )
    )


def test_the_whole_is_as_sure_as_all_its_lines_together() -> None:
    assert reading().text == "4\n2"
    assert reading().confidence == 0.4
    assert [digit.value for digit in reading().digits] == [4, 1, 2]
    assert Reading(()).confidence == 0
    assert Reading(()).text == ""


def test_json_is_one_line_that_holds_everything() -> None:
    shown = reading().to_json()
    assert "\n" not in shown
    facts = json.loads(shown)
    assert facts == reading().to_dict()
    assert facts["text"] == "4\n2"
    assert facts["digits"][0] == {
        "value": 4,
        "confidence": 0.9,
        "box": [1, 2, 11, 22],
        "alternatives": [
            {"value": 9, "confidence": 0.08},
            {"value": 7, "confidence": 0.01},
        ],
        "rejected": False,
        "line": 1,
    }
    assert [digit["line"] for digit in facts["digits"]] == [1, 1, 2]
    assert not any("digits" in line for line in facts["lines"])
    assert [line["page"] for line in facts["lines"]] == [1, 2]


def test_csv_has_a_row_for_each_digit() -> None:
    rows = list(csv.DictReader(io.StringIO(reading().to_csv())))
    assert [row["value"] for row in rows] == ["4", "1", "2"]
    assert [row["line"] for row in rows] == ["1", "1", "2"]
    assert [row["rejected"] for row in rows] == ["0", "1", "0"]
    assert rows[2]["page"] == "2"
    assert rows[0]["bottom"] == "22"
