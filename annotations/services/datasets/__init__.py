"""Datasets that leave a project as files.
Door: `export.request` queues an export.
"""
