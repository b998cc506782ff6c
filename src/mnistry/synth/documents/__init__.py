"""Pictures of paper with known digits: strings, envelopes, forms, photographed."""
