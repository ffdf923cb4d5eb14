"""Stored prompts asked of another model, and people's decisions on the masks it gives.
Door: `runs.request` queues a run, `decisions` accepts or rejects what it found.
"""
