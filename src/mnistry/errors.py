"""Everything that mnistry raises on purpose.

Each error has what happened (the value, the place), what was expected, and what to
do. Each is also the standard exception a caller would already be catching::

    MnistryError
    ├── UsageError          (ValueError)       an argument has a value that cannot work
    ├── ShapeError          (ValueError)       an array of another shape or dtype
    ├── UnknownNameError    (LookupError)      no such data set, split, net …
    ├── IdxError            (ValueError)       bytes that are not what they claim
    ├── FormatError         (ValueError)       another file that is not what it claims
    ├── ChecksumError       (ValueError)       a file with another SHA-256 than expected
    ├── FetchError          (OSError, RuntimeError)  a file that is nowhere to be had
    │   └── NotThereError   (FileNotFoundError) a picture that is not there, or files
    │                        that a drop-in was not to fetch
    ├── NotCoveredError     (ImportError)      a name that a drop-in does not have
    ├── PictureTypeError    (TypeError)        what no transform takes for a picture
    ├── CacheError          (OSError)          a folder that cannot be written
    ├── CheckpointError     (ValueError)       a model file that cannot be used
    ├── TrainingError       (ArithmeticError)  training that went wrong: NaN loss
    └── MissingExtraError   (ImportError)      an optional package is not installed
"""

from collections.abc import Iterable

from mnistry.escape import for_terminal


class MnistryError(Exception):
    """The base class: `except MnistryError` catches everything raised on purpose.

    Its text escapes what names of files and classes could do to a terminal; `args` has
    the original.
    """

    def __str__(self) -> str:
        return for_terminal(super().__str__())


class UsageError(MnistryError, ValueError):
    """An argument has an invalid value."""


class ShapeError(MnistryError, ValueError):
    """An array has a wrong shape or dtype."""


class UnknownNameError(MnistryError, LookupError):
    """An unknown name; the message lists the known ones."""


class IdxError(MnistryError, ValueError):
    """Bytes that are not the IDX file they claim to be."""


class FormatError(MnistryError, ValueError):
    """A file, of another format than IDX, that is not what it claims to be."""


class ChecksumError(MnistryError, ValueError):
    """A file whose SHA-256 is not the expected one."""


class FetchError(MnistryError, OSError, RuntimeError):
    """A file is not available anywhere; the message lists all that was tried."""


class NotThereError(FetchError, FileNotFoundError):
    """A picture does not exist, or files that a drop-in must not fetch are missing."""


class NotCoveredError(MnistryError, ImportError):
    """A name of another library that the drop-in for it lacks."""


class PictureTypeError(MnistryError, TypeError):
    """A transform was given something other than a picture."""


class CacheError(MnistryError, OSError):
    """A folder that cannot be written, or a full disk."""


class CheckpointError(MnistryError, ValueError):
    """A model file is truncated, damaged, or of another net."""


class TrainingError(MnistryError, ArithmeticError):
    """Training failed; earlier checkpoints are kept."""


class MissingExtraError(MnistryError, ImportError):
    """An optional package is not installed; the message has the install line."""


def unknown_name(
    kind: str, name: object, names: Iterable[str], *, of: str = ""
) -> UnknownNameError:
    """Make the error for an unknown name, with the nearest suggestion.

    Args:
        kind: The kind of thing, in words: "data set", "net".
        name: The unknown name.
        names: All known names.
        of: What has those names, if only part of mnistry does.

    Example:
        >>> print(unknown_name("data set", "minst", ["mnist", "drawn"]))
        no data set 'minst'; there are: drawn, mnist. Did you mean 'mnist'?
    """
    import difflib  # only where something went wrong: it is not free to import

    there = sorted(names)
    lower = {one.lower(): one for one in there}
    near = difflib.get_close_matches(str(name).lower(), lower, n=1)
    hint = f" Did you mean {lower[near[0]]!r}?" if near else ""
    missing = f"no {kind} {name!r} of {of}" if of else f"no {kind} {name!r}"
    return UnknownNameError(f"{missing}; there are: {', '.join(there)}.{hint}")
