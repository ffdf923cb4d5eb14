"""What belongs to one person: API tokens and preferences.
Door: `tokens` and `preferences`, one module a noun.
"""
