"""Jobs: their life, failures, leases, the reaper of lost ones, and the worker's memory limit.
Door: `lifecycle.create` queues one, `lifecycle.run` does its work in a worker.
"""
