"""From a name to digits: catalogue, cache, mirrors, verification, and `load`.

A `CachedFile` is one file of the catalogue on this machine: its paths, expected hashes
and checks. Calls go straight down: load → cache (which place has it?) → download (if
none has) → store (verified, atomic) → unpack (its raw bytes).
"""
