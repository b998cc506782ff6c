"""Paper: the sheet in a photograph, dark margins, the light on it."""
