"""`python -m segweb.client`."""

from .cli import main

if __name__ == "__main__":
    main()
