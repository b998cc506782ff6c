"""Models to take away: the same net in the files of other libraries, and on a page.

Each file takes the images as they are, uint8 (n, 28, 28), 0 paper to 255 ink, and gives
logits: nobody has to know how they were normalised. Rule of the package: what is
written predicts the same as the model, or is not written; a layer without a counterpart
is named.
"""
