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
    """The root: `except MnistryError` catches everything mnistry raises on purpose.

    What names of files and classes would do to a terminal stands in its text escaped;
    `args` has it as it was.
    """

    def __str__(self) -> str:
        return for_terminal(super().__str__())


class UsageError(MnistryError, ValueError):
    """An argument has a value that cannot work."""


class ShapeError(MnistryError, ValueError):
    """An array has another shape or dtype than the place it was given to."""


class UnknownNameError(MnistryError, LookupError):
    """A name of which there is none; the message lists those there are."""


class IdxError(MnistryError, ValueError):
    """Bytes that are not the IDX file they claim to be."""


class FormatError(MnistryError, ValueError):
    """A file, of another format than IDX, that is not what it claims to be."""


class ChecksumError(MnistryError, ValueError):
    """A file whose SHA-256 is not the expected one."""


class FetchError(MnistryError, OSError, RuntimeError):
    """A file that is nowhere to be had; the message lists all that was tried."""


class NotThereError(FetchError, FileNotFoundError):
    """A picture that is not there; files in a folder that were not to be fetched."""


class NotCoveredError(MnistryError, ImportError):
    """A name of another library that its drop-in does not have."""


class PictureTypeError(MnistryError, TypeError):
    """Something that is no picture, where a transform expects one."""


class CacheError(MnistryError, OSError):
    """A folder that cannot be written, or a full disk."""


class CheckpointError(MnistryError, ValueError):
    """A model file that is cut, changed, or of another net."""


class TrainingError(MnistryError, ArithmeticError):
    """Training went wrong; what was good before is still there."""


class MissingExtraError(MnistryError, ImportError):
    """An optional package is not installed; the message has the install line."""


def unknown_name(
    kind: str, name: object, names: Iterable[str], *, of: str = ""
) -> UnknownNameError:
    """Make the error for a name of which there is none, with the nearest suggestion.

    Args:
        kind: What sort of thing was asked for, in words: "data set", "net".
        name: What was asked for.
        names: All there are.
        of: What has those, if it is not everything.

    Example:
        >>> print(unknown_name("data set", "minst", ["mnist", "drawn"]))
        no data set 'minst'; there are: drawn, mnist. Did you mean 'mnist'?
    """
    import difflib  # only where something went wrong: it is not free to import

    there = sorted(names)
    near = difflib.get_close_matches(str(name), there, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    missing = f"no {kind} {name!r} of {of}" if of else f"no {kind} {name!r}"
    return UnknownNameError(f"{missing}; there are: {', '.join(there)}.{hint}")
