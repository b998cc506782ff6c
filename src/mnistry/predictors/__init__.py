"""Models from any library as predictors: uint8 images in, `Predictions` out.

Rule of the package: a library is a row of `kinds.KINDS`, an input convention a row of
`inputs`; no library is imported that the model has not already imported.
"""
