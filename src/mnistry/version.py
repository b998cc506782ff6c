"""The version, where everybody may ask for it without asking the front door."""

__version__ = "0.1.0"
