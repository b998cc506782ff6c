"""Generated documents with known digits: strings, envelopes, forms, photographs."""
