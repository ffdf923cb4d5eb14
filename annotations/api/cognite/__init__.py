"""The Cognite-compatible API: segmentation jobs, and the files that clients refer to in them.

Its error envelope, plain paths and signed addresses are its own, so it stands beside the native
API instead of within it. See docs/cognite.md.
"""
