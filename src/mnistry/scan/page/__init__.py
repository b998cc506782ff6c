"""From a picture to lines of ink: load, light, binarize, rules, deskew, lines."""
