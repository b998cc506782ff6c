"""Reading: from a photo, scan, form, envelope or PDF to digits.

Rule of the package: each step is a pure function of arrays that can be looked at;
models only classify, they never load files. No torch here. The path of a picture::

    load → illumination → binarize → rules → deskew → lines
         → strip → views → CTC decoding → rescoring → confidence → Reading

`read.py` has the entry points. `read_picture`, `read_page` and `read_line` go from the
whole to its parts, `read_single` reads a picture of one digit; `page/` has the steps
from a picture to lines, `recognize/` those from a line to digits, each with rooms of
its own. What a file may import is in DESIGN.md, "The layers".
"""
