"""Colour segmentation of single pictures as PixLab's API offers it.
Door: `segment.request_file` and `segment.request_address`; results lie behind `links`.
"""
