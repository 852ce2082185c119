"""Browser windows: their sizes, and a watch over what goes wrong in them unseen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, WebError

    from tests.e2e.live import LiveShop

DESKTOP: dict[str, Any] = {"viewport": {"width": 1180, "height": 820}}
TABLET: dict[str, Any] = {"viewport": {"width": 820, "height": 1180}, "has_touch": True}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
PLAIN: dict[str, Any] = DESKTOP | {"java_script_enabled": False}
KINDS = {"desktop": DESKTOP, "tablet": TABLET, "plain": PLAIN}

PAGE_TIMEOUT = 15_000  # milliseconds that a page may take, on a machine that does other things too

# Chromium writes every answer of 400 and more to the console; 409 and 422 are answers like others here.
USUAL = ("status of 401", "status of 409", "status of 422")
TELL_VIOLATIONS = """addEventListener("securitypolicyviolation", event =>
  console.error(`CSP ${event.violatedDirective} ${event.blockedURI}`))"""


def usual(shop: LiveShop | None) -> dict[str, Any]:
    """Return the options of every browser here: it stands in New Zealand, and knows the address of the shop."""
    options = {"locale": "en-NZ", "timezone_id": "Pacific/Auckland", "reduced_motion": "reduce"}
    return options | {"base_url": shop.url} if shop else options


@dataclass
class Watch:
    """Collects script errors, console errors and violations of the content security policy of every window."""

    bad: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        context.on("console", self._heard)
        context.on("weberror", self._failed)
        context.add_init_script(TELL_VIOLATIONS)

    def expect(self, *words: str) -> None:
        """Accept console errors with these words: the test makes them happen."""
        self.expected += words

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(words in message.text for words in (*USUAL, *self.expected)):
            self.bad.append(f"{message.text} {message.location}")

    def _failed(self, error: WebError) -> None:
        self.bad.append(str(error.error))
