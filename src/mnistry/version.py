"""The version, where every module may ask for it and import nothing else."""

__version__ = "0.1.0"
