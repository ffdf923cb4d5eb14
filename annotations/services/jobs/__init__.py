"""Jobs: their kinds, life, leases, the reaper of lost ones, and the worker's memory limit.
Door: `registry.job_handler` declares a kind, `lifecycle.create` queues a job of it.
"""
