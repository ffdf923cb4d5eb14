"""The annotate page as a person uses it, in pixels of the image."""

from typing import Any

from playwright.sync_api import Page, expect

CANVAS = 'canvas[data-testid="canvas"]'


class Workspace:
    """Mouse and keys over the canvas."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    def open(self, image: int, query: str = "") -> None:
        self.page.goto(f"{self.url}/images/{image}/annotate/{query}")
        self.armed()

    def armed(self) -> None:
        expect(self.page.locator(f'{CANVAS}[data-state="armed"]')).to_be_visible(timeout=60_000)

    def attribute(self, name: str) -> str:
        return self.page.locator(CANVAS).get_attribute(name) or ""

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Client pixels of an image point, by the matrix that the canvas tells."""
        a, b, c, d, e, f = (float(value) for value in self.attribute("data-view").split())
        return a * x + c * y + e, b * x + d * y + f

    def move(self, x: float, y: float) -> None:
        self.page.mouse.move(*self.at(x, y), steps=3)

    def click(self, x: float, y: float, button: Any = "left") -> None:
        self.page.mouse.click(*self.at(x, y), button=button)

    def drag(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.page.mouse.move(*self.at(x0, y0))
        self.page.mouse.down()
        self.page.mouse.move(*self.at((x0 + x1) / 2, (y0 + y1) / 2), steps=4)
        self.page.mouse.move(*self.at(x1, y1), steps=4)
        self.page.mouse.up()

    def key(self, name: str) -> None:
        self.page.keyboard.press(name)

    def candidates(self) -> None:
        """Waits until the candidates of the last prompt are offered."""
        expect(self.page.get_by_role("heading", name="Candidates")).to_be_visible(timeout=30_000)

    def picture(self) -> bytes:
        return self.page.locator(CANVAS).screenshot()

    def annotations(self, image: int) -> list[dict[str, Any]]:
        answer = self.page.request.get(f"{self.url}/api/images/{image}/annotations")
        items: list[dict[str, Any]] = answer.json()["items"]
        return items
