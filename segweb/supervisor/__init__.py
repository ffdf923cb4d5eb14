"""Starts the product's processes, keeps them running, and stops them all together.

Imports the standard library only: it must come up, and say what is wrong, when the
application itself does not.
"""
