"""Signs between digits, by their shape: points, slashes, currencies. No net is used."""
