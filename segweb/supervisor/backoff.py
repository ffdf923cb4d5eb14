"""How long to wait before a process that died is started again."""


class Backoff:
    """Doubles the wait with every death in a row; a healthy life starts from the beginning."""

    def __init__(self, first: float = 1.0, most: float = 30.0, healthy: float = 60.0) -> None:
        self._first, self._most, self._healthy = first, most, healthy
        self.deaths = 0

    def died(self, lived: float) -> float:
        """Counts a death after `lived` seconds; returns the seconds to wait."""
        if lived >= self._healthy:
            self.deaths = 0
        self.deaths += 1
        return float(min(self._most, self._first * 2 ** min(self.deaths - 1, 16)))
