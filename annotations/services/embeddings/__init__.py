"""Embeddings of images and of crops: computed once, stored, evicted, rebuilt.
Door: `compute.arrays_of` for an image, `crops.arrays_of` for a part of a large one.
"""
