"""`python -m segweb.supervisor --port N --data DIR`."""

import sys

from .options import parse
from .run import Supervisor

if __name__ == "__main__":
    sys.exit(Supervisor(parse(sys.argv[1:])).run())
