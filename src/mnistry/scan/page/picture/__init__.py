"""Pictures: from a file to pixels, and from points of one to points of another."""
