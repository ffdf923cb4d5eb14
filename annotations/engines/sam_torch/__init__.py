"""Segment Anything on PyTorch: the engine for hosts with a GPU. Importing this loads no torch."""
