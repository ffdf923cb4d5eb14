"""Files, uploads and segmentation as Cognite's API names them.
Door: `files`, `uploads` and `segment`, one module a resource.
"""
