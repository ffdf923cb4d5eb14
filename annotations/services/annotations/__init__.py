"""Annotations with their attributes and their history; each change is a revision.
Door: `edit.create`, `edit.update` and `edit.delete`.
"""
