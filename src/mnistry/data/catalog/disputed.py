"""Labels of MNIST that most people would not have given, as rows of data.

Test images: the votes of five people each, as collected on Mechanical Turk for
C. Northcutt, A. Athalye, J. Mueller: Pervasive label errors in test sets destabilize
machine learning benchmarks, NeurIPS 2021, arXiv:2103.14749; the votes are in
mturk/mnist_mturk.json of https://github.com/cleanlab/label-errors and were counted
again from there. Only 100 images were voted on, so there may be more.

Training images: the hand-made list of blatant errors in
contrib/v1/mnist/README.md of https://github.com/cleanlab/examples; all were looked at
again: each is wrong, or cannot be read.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dispute:
    """One image, the label it carries, and the labels five people gave it.

    Attributes:
        index: Its place in the file of images, from 0.
        given: The label it carries.
        guess: The label that a model proposed to the voters.
        for_given: Of five votes, those for the label it carries.
        for_guess: Those for the proposed one.
        for_neither: Those for neither, or both, of the two.
    """

    index: int
    given: int
    guess: int
    for_given: int
    for_guess: int
    for_neither: int

    @property
    def crowd(self) -> int | None:
        """The label with most votes; None if neither has."""
        if self.for_guess > max(self.for_given, self.for_neither):
            return self.guess
        if self.for_given > max(self.for_guess, self.for_neither):
            return self.given
        return None


MNIST_TEST = (
    Dispute(947, 8, 9, 0, 5, 0),
    Dispute(1621, 0, 6, 2, 3, 0),
    Dispute(1901, 9, 4, 2, 3, 0),
    Dispute(2130, 4, 9, 2, 2, 1),
    Dispute(2462, 2, 0, 0, 4, 1),
    Dispute(2597, 5, 3, 0, 4, 1),
    Dispute(2654, 6, 1, 0, 2, 3),
    Dispute(3520, 6, 4, 2, 0, 3),
    Dispute(3558, 5, 0, 1, 4, 0),
    Dispute(5937, 5, 3, 1, 3, 1),
    Dispute(6651, 0, 6, 0, 5, 0),
    Dispute(6783, 1, 6, 2, 3, 0),
    Dispute(8527, 4, 9, 2, 2, 1),
    Dispute(9679, 6, 3, 2, 0, 3),
    Dispute(9729, 5, 6, 2, 3, 0),
)
"""The test images whose label has no majority: ten where most chose the other label,
three where most chose neither, two where the votes are split."""

MNIST_TRAIN = (
    *(2676, 7080, 10994, 21601, 24798, 25678, 26560, 26940, 29922, 31727),
    *(40144, 40466, 42566, 43454, 51248, 53396, 54264, 57662, 59701, 59915),
)
"""The places of training images with a label that is wrong or cannot be read."""
