"""Models of any origin as predictors: uint8 images in, `Predictions` out.

Rule of the package: a library is a row of `kinds.KINDS`, how it wants its images a row
of `inputs`; nothing is imported that the model has not brought along already.
"""
