"""Masks that models and methods find: from prompts, automatically, similar, by colour.
Door: each module's `request` queues the job.
"""
