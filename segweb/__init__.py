"""segweb: a browser-based, self-hosted image annotation tool."""

import pkgutil

__version__ = "0.1.0"

# The client's distribution adds `segweb.client`, the former name of its own package.
__path__ = pkgutil.extend_path(__path__, __name__)
