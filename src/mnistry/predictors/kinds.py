"""Supported libraries: a row for each, with how its models are run.

Rule of the file: a model is recognised by the names of its classes' modules, so that no
library needs to be imported; whoever made the model has imported it already.
"""

import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mnistry.errors import UsageError
from mnistry.predictors.inputs import LAYOUTS, PIXELS, inputs_of_shape
from mnistry.predictors.onnx import runnable, shape_and_dtype
from mnistry.predictors.outputs import Output

Array = NDArray[Any]

NAMELESS = "X does not have valid feature names"  # scikit-learn's, of a data frame's


@dataclass(frozen=True, slots=True)
class Opened:
    """A model of some library, ready to run.

    Attributes:
        ask: Takes an array as the model expects it, returns what the model returns.
        layouts: Names in `inputs.LAYOUTS` that it might expect, likeliest first.
        pixels: Names in `inputs.PIXELS` that it might expect, likeliest first.
        usual: How many of those are usual; the others must read clearly better.
        side: Rows and columns that it expects; 0: not known.
        dtype: The dtype of the array that it takes.
        facts: What is known about it, as plain values for JSON.
    """

    ask: Callable[[Array], Output]
    layouts: Sequence[str] = tuple(LAYOUTS)
    pixels: Sequence[str] = tuple(PIXELS)
    usual: int = len(PIXELS)
    side: int = 0
    dtype: DTypeLike = np.float32
    facts: Mapping[str, Any] = field(default_factory=dict)


class Kind(NamedTuple):
    """One row: how models of a library are recognised and opened."""

    library: str
    is_one: Callable[[Any], bool]
    opened: Callable[[Any], Opened]


def open_object(model: Any) -> Opened:
    """Make any model ready to run.

    Raises:
        UsageError: It is not a model of any known kind.

    Example:
        >>> open_object(lambda images: images.sum(axis=(1, 2)) % 10).facts["net"]
        '<lambda>'
    """
    for kind in KINDS:
        if kind.is_one(model):
            opened = kind.opened(model)
            facts = {"net": _name(model), "library": kind.library}
            return replace(opened, facts=facts | dict(opened.facts))
    message = (
        f"the model is a {type(model).__name__} and cannot predict; expected something"
        " with predict(images), such as mnistry.load_model(), a model of torch, Keras,"
        " scikit-learn or onnxruntime, a function, or an array of predictions."
    )
    raise UsageError(message + _way_out(model))


def _way_out(model: Any) -> str:
    """Say what to do with something that is not a model but stands for one."""
    if isinstance(model, str | os.PathLike):
        return f" Open a file first: mnistry.load_model({os.fspath(model)!r})."
    if isinstance(model, Mapping):
        return " Weights alone are not a model: net.load_state_dict(...), and pass net."
    return ""


def _name(model: Any) -> str:
    return str(getattr(model, "__name__", None) or type(model).__name__)


def _comes_from(*packages: str) -> Callable[[Any], bool]:
    """Return whether a model's class, or a base class of it, is from a package."""

    def is_one(model: Any) -> bool:
        modules = (str(of.__module__).partition(".")[0] for of in type(model).__mro__)
        return any(module in packages for module in modules)

    return is_one


def _is_torch(model: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(model, torch.nn.Module)


def _torch(net: Any) -> Opened:
    torch = sys.modules["torch"]
    weights = next((of for of in net.parameters() if of.is_floating_point()), None)
    device = None if weights is None else weights.device
    dtype = torch.float32 if weights is None else weights.dtype

    def ask(pixels: Array) -> Output:
        was_training = net.training
        net.eval()
        try:
            with torch.inference_mode():
                given = net(torch.from_numpy(pixels).to(device, dtype))
                given = getattr(given, "logits", given)
                if not isinstance(given, torch.Tensor):
                    raise UsageError(_no_tensor(given))
                return Output(given.float().cpu().numpy())
        finally:
            net.train(was_training)

    return Opened(
        ask,
        layouts=("nchw", "flat", "nhw", "nhwc", "nchw3"),
        pixels=("normalised", "0-1", "centred", "0-255"),
        usual=2,
        facts={"version": str(torch.__version__)},
    )


def _no_tensor(given: Any) -> str:
    return (
        f"it returned a {type(given).__name__}, not one tensor; wrap it in a module"
        " whose forward returns only the scores"
    )


def _keras(model: Any) -> Opened:
    shape = getattr(model, "input_shape", None)
    layouts, side = inputs_of_shape(shape[1:]) if isinstance(shape, tuple) else ((), 0)

    def ask(pixels: Array) -> Output:
        return Output(model.predict(pixels, verbose=0))

    return Opened(
        ask,
        layouts=layouts or ("nhwc", "nhw", "flat", "nchw", "nhwc3"),
        pixels=("0-1", "0-255", "normalised", "centred"),
        usual=2,
        side=side,
        facts=_version("keras"),
    )


def _sklearn(model: Any) -> Opened:
    classes = getattr(model, "classes_", None)
    width = getattr(model, "n_features_in_", None)
    _, side = inputs_of_shape((width,)) if isinstance(width, int) else ((), 0)
    order = _column_order(getattr(model, "feature_names_in_", ()))

    def ask(pixels: Array) -> Output:
        if order is not None:
            pixels = pixels[:, order]
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", NAMELESS)  # they are in its order
            return answered(pixels)

    def answered(pixels: Array) -> Output:
        labels = np.asarray(model.predict(pixels))
        if not hasattr(model, "predict_proba"):
            return Output(labels, classes)
        shares = np.asarray(model.predict_proba(pixels))
        is_same = shares.ndim == 2 and classes is not None
        if is_same and np.array_equal(np.asarray(classes)[shares.argmax(1)], labels):
            return Output(shares, classes)
        return Output(labels, classes)  # SVC's probabilities can contradict its labels

    return Opened(
        ask,
        layouts=("flat", "nhw", "nchw", "nhwc"),
        pixels=("0-255", "0-1", "normalised", "centred"),
        usual=2,
        side=side,
        dtype=np.float64,
        facts=_version("sklearn"),
    )


def _column_order(names: Sequence[Any]) -> NDArray[np.intp] | None:
    """Return the order of columns named pixel0, pixel1, pixel10 and so on."""
    numbers = ["".join(c for c in str(name) if c.isdecimal()) for name in names]
    if not numbers or not all(numbers):
        return None
    places = np.array(numbers, dtype=np.int64)
    places -= places.min()
    return places if sorted(places) == list(range(len(places))) else None


def _onnx(session: Any) -> Opened:
    shape, dtype = shape_and_dtype(session)
    layouts, side = inputs_of_shape(shape)
    if not layouts:
        message = (
            f"the ONNX model takes {dtype} of shape (n, {', '.join(map(str, shape))});"
            " expected images: (n, 1, 28, 28), (n, 28, 28, 1), (n, 28, 28) or (n, 784)."
        )
        raise UsageError(message)
    is_real = np.issubdtype(dtype, np.floating)
    return Opened(
        runnable(session),
        layouts=layouts,
        pixels=("0-1", "normalised", "0-255", "centred") if is_real else ("0-255",),
        side=side,
        dtype=dtype,
        facts=_version("onnxruntime"),
    )


def _object(model: Any) -> Opened:
    ask = model.predict_proba if hasattr(model, "predict_proba") else model.predict
    return Opened(lambda pixels: Output(_plain(ask(pixels)), _classes(model)))


def _function(model: Any) -> Opened:
    return Opened(lambda pixels: Output(_plain(model(pixels))))


def _classes(model: Any) -> Any:
    return getattr(model, "classes_", None)


def _plain(given: Any) -> Any:
    """Convert a torch tensor to NumPy, detached and on the CPU."""
    detach = getattr(given, "detach", None)
    return detach().cpu().numpy() if callable(detach) else given


def _version(module: str) -> dict[str, str]:
    found = getattr(sys.modules.get(module), "__version__", None)
    return {} if found is None else {"version": str(found)}


LIBRARIES: tuple[Kind, ...] = (
    Kind("Keras", _comes_from("keras", "tf_keras"), _keras),  # may be torch's as well
    Kind("torch", _is_torch, _torch),
    Kind("scikit-learn", _comes_from("sklearn"), _sklearn),
    Kind("ONNX", _comes_from("onnxruntime"), _onnx),
)

KINDS: tuple[Kind, ...] = (
    *LIBRARIES,
    Kind("an object", lambda model: callable(getattr(model, "predict", None)), _object),
    Kind(
        "a function",
        lambda model: callable(model) and not isinstance(model, type),
        _function,
    ),
)
"""The first that recognises a model opens it."""
