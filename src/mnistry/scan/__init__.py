"""Reading: from a photo, scan, form, envelope or PDF to digits.

Rule of the package: each step is a pure function of arrays that can be looked at;
models only classify, they never load files. No torch here. The path of a picture::

    load → illumination → binarize → ruling lines → deskew → lines
         → strip → views → CTC decoding → rescoring → confidence → read

`read` is the entry point; `page/` goes from a picture to lines, `recognize/` from a
line to digits.
"""
