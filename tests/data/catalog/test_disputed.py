"""The disputed labels, against the real files."""

from pathlib import Path

import mnistry
from mnistry.data.catalog.disputed import MNIST_TEST, MNIST_TRAIN


def test_each_dispute_is_the_vote_of_five() -> None:
    for row in MNIST_TEST:
        assert row.for_given + row.for_guess + row.for_neither == 5
        assert row.given != row.guess
        assert row.crowd != row.given
    assert len({row.index for row in MNIST_TEST}) == len(MNIST_TEST) == 15


def test_most_chose_another_label_for_ten_and_agreed_on_none_for_five() -> None:
    crowd = {row.index: row.crowd for row in MNIST_TEST}
    assert sum(label is not None for label in crowd.values()) == 10
    assert crowd[947] == 9  # the answer of all five
    assert crowd[2654] is None  # three of five chose neither
    assert crowd[2130] is None  # two against two


def test_the_given_labels_are_those_of_the_file(real_mnist: Path) -> None:
    test = mnistry.load("mnist", split="test")
    assert [int(test.labels[row.index]) for row in MNIST_TEST] == [
        row.given for row in MNIST_TEST
    ]


def test_the_wrong_training_labels_are_in_order() -> None:
    assert list(MNIST_TRAIN) == sorted(set(MNIST_TRAIN))
    assert 0 <= min(MNIST_TRAIN) < max(MNIST_TRAIN) < 60_000
