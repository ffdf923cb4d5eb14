"""The HTTP edge: parses, authorises, calls one service, serialises."""
