"""`mnistry serve`: the page, reading of files, and predictions, over HTTP.

The way of a request: app (who may ask, how large) → pool (admission, then a worker
process) → jobs (in that process: the only place that opens what was sent) → app.

Rule of the package: the event loop never decodes, reads or predicts, so that health
answers whatever the workers do.
"""
