"""segweb: a browser-based, self-hosted image annotation tool."""

__version__ = "0.1.0"
