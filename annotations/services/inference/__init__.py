"""The engine that serves, the models there are, and what operators ask about them.
Door: `engine.current` in workers, `engine.model_key` anywhere.
"""
