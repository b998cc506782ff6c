"""The room where nets learn: nets, recipes, one training function, models on disk.

Read `train` first; it goes from top to bottom. Rule of the room: whatever a net learns
from is a `Digits`, whatever it says is a `Predictions`; torch is known in here only.
"""

from mnistry.extras import require

require("torch", extra="train")
