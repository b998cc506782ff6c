"""What a model got right and wrong, for eyes."""
