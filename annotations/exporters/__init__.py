"""Streams of dataclasses to files, one module a format."""
