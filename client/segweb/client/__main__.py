"""`python -m segweb.client`, the former name of `python -m segweb_client`."""

from segweb_client.cli import main

if __name__ == "__main__":
    main()
