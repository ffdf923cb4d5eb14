"""Images: upload, probe, decode, preparation, tiles, search, and how far their review is.
Door: `upload.accept` takes a file in, `prepare.prepare` makes it an image that can be shown.
"""
