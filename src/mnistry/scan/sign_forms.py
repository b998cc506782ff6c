r"""Where signs stand among digits, and how likely they are right there.

No net looks at signs: a point that touches a digit is not found, and a speck may be
taken for one. The text is then often no amount, date, time or sum.
"""

import re

# of 331 composed amounts with correct digits 15 had signs as no number has, and none
# of these was right; 94 % of the other 316 were
FITTING, UNFITTING = 0.94, 0.05
# 5,000/- is an amount that ends
_AROUND = re.compile(r"^[-+(#$€₹]*|(/(?=-))?[-+)%#]*$")
_FORMS = re.compile(
    r"\d+(-\d+)*"  # a number; a code in parts
    r"|\d{1,3}((,\d{3})+|(\.\d{3})+|('\d{3})+)"  # thousands
    r"|\d{1,3}((,\d{3})+\.|(\.\d{3})+,|('\d{3})+[.,])\d{0,2}"
    r"|\d{1,2}(,\d{2})+,\d{3}(\.\d{0,2})?"  # lakhs
    r"|\d+[.,](\d{1,3})?"  # decimals, or none
    r"|\d{1,2}(?P<first>[./-])\d{1,2}(?P=first)\d{2}(\d{2})?"  # a date
    r"|\d{4}(?P<second>[./-])\d{1,2}(?P=second)\d{1,2}"
    r"|\d{1,2}:\d{2}(:\d{2})?"  # a time
    r"|\d+([-+]\d+)+=(\d+)?"  # a sum
    r"|\d+/\d*"  # a fraction; an amount whose last dash is not seen
)


def share_right(signed_text: str) -> float:
    """Return how often the signs of such a text are right if its digits are.

    Args:
        signed_text: Digits and signs of a line.

    Example:
        >>> share_right("1,234.50"), share_right("-28/06/2023"), share_right("3.77968")
        (0.94, 0.94, 0.05)
        >>> share_right("2468"), share_right("12+34=46")
        (0.94, 0.94)
    """
    text = _AROUND.sub("", signed_text)
    return FITTING if _FORMS.fullmatch(text) else UNFITTING
