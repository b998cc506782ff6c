"""Models one can use at once: the one in the wheel, files, several as an ensemble."""
