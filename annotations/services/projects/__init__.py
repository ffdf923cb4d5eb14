"""Projects, their labels and their members.
Door: `projects`, `labels` and `members`, one module a noun.
"""
