"""Embeddings of images and of crops: computed once, stored, evicted, rebuilt.
Door: `lookup`: `get` in workers, `find` and `request` for pages.
"""
