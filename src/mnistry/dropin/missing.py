"""Names of other libraries that a drop-in does not cover, and the errors for them."""

import sys
from collections.abc import Callable, Iterable
from typing import Any

from mnistry.errors import NotCoveredError

FROM_IMPORT = "_handle_fromlist"  # importlib's, for `from package import name`


def not_covered(module: str, there: Iterable[str], hint: str) -> Callable[[str], Any]:
    """Make the `__getattr__` of a package that stands in for another library's.

    Args:
        module: What the other library calls it, such as "torchvision.transforms".
        there: The names that there are.
        hint: What to do where one is missing.

    Returns:
        A function that raises: for an attribute AttributeError, as Python has it; for
        `from package import name` an ImportError of the same words, which Python would
        else word itself.
    """
    names = ", ".join(there)

    def getattr_of_module(name: str) -> Any:
        message = f"mnistry's {module} has no {name}; there are: {names}. {hint}"
        if sys._getframe(1).f_code.co_name == FROM_IMPORT and not name.startswith("__"):
            raise NotCoveredError(message)
        raise AttributeError(message)

    return getattr_of_module
