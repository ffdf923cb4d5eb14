"""Stored files: generated keys, deletion together with the rows that own them, orphans.
Door: `files.new_key`, `files.stored_with` and `files.delete_files_on_commit`.
"""
