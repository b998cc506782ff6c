"""Reading: from a photo, scan, form, envelope or PDF to digits.

Rule of the room: each step is a pure function of arrays that can be looked at; models
only weigh, they never load files. No torch here. The way of a picture is::

    load → light → ink → rules → deskew → lines → (strip → look
                                                 | cut → frame → weigh) → decide → read
"""
