"""`mnistry serve`: the page, reading of files, and predictions, over HTTP.

The path of a request: app (access and size) → pool (admission, then a worker process) →
jobs (in that process, the only place that opens what was sent) → app.

Rule of the package: the event loop never decodes, reads or predicts, so that health
checks are answered whatever the workers do.
"""
