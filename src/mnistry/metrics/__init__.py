"""Metrics of predictions, computed from labels and logits with NumPy alone.

Rule of the package: a function takes plain arrays in the order of the images, true
labels before predicted ones, and returns a number, an array or a tuple of these. It
draws nothing, prints nothing and knows no model.
"""

from mnistry.metrics.calibration import (
    Reliability,
    brier,
    calibration_error,
    fit_temperature,
    loss,
    losses,
    reliability,
)
from mnistry.metrics.comparison import (
    Comparison,
    Difference,
    compare,
    holm,
    paired_difference,
)
from mnistry.metrics.counts import (
    Interval,
    PerLabel,
    accuracy,
    confusion,
    per_label,
    wilson_interval,
)
from mnistry.metrics.labels import Suspects, folds_of, suspects
from mnistry.metrics.ranking import (
    RiskCoverage,
    auroc,
    error_detection,
    log_odds,
    risk_coverage,
)
from mnistry.metrics.rejection import Trust, fit_rejection, fit_trust, known_threshold
from mnistry.metrics.sets import fit_sets, name_sets

__all__ = [
    "Comparison",
    "Difference",
    "Interval",
    "PerLabel",
    "Reliability",
    "RiskCoverage",
    "Suspects",
    "Trust",
    "accuracy",
    "auroc",
    "brier",
    "calibration_error",
    "compare",
    "confusion",
    "error_detection",
    "fit_rejection",
    "fit_sets",
    "fit_temperature",
    "fit_trust",
    "folds_of",
    "holm",
    "known_threshold",
    "log_odds",
    "loss",
    "losses",
    "name_sets",
    "paired_difference",
    "per_label",
    "reliability",
    "risk_coverage",
    "suspects",
    "wilson_interval",
]
