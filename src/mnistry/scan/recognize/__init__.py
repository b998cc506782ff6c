"""From a line of ink to digits: two readers of lines, one of single digits."""
