"""Training: nets, recipes, one training function, models on disk.

Read `train` first; it goes from top to bottom. Rule of the package: a net learns from
`Digits` and gives `Predictions`; torch is known in here only.
"""

from mnistry.extras import require

require("torch", extra="train")
