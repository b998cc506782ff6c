"""Nets without torch: small layers run by NumPy, or the same net by onnxruntime."""
