"""Layout analysis: from connected components to lines, in reading order."""
