"""From an image to an embedding, and from an embedding and prompts to masks.

An engine knows arrays only: where models lie and how many threads to use, its caller says.
"""
