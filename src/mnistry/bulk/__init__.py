"""Reading by the million: record batches in, record batches out, errors as rows.

`rows.read_batch` is the one function; `sources` finds pictures, `pool` runs it in
processes, `job` writes shards that can be resumed, `spark` runs it on a cluster.
"""
