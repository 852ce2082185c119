"""What a person does on any device: presses with a mouse or a finger, waits for pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

LOOKS = 40  # at a page without JavaScript, until it shows what is awaited


@dataclass(frozen=True)
class Hand:
    """One person at one window."""

    page: Page
    touch: bool = False
    live: bool = True  # JavaScript is on

    def press(self, role: Literal["button", "link"], name: str, within: Locator | None = None) -> None:
        found = (within or self.page).get_by_role(role, name=name, exact=True).first
        found.wait_for()
        self.page.wait_for_load_state("domcontentloaded")  # its scripts have run
        found.tap() if self.touch else found.click()

    def heading(self, words: str) -> None:
        """Wait until the page is about this."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(words)

    def sees(self, seen: Locator) -> None:
        """Wait for something that comes without a press, or, without JavaScript, after looking again."""
        for look in range(1, 1 + (0 if self.live else LOOKS)):
            if seen.is_visible():
                break
            self.page.wait_for_timeout(min(250 * look, 1000))  # a page that is loaded takes others' time
            self.page.reload()
        expect(seen).to_be_visible()

    def sign_in(self, email: str, password: str) -> None:
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.press("button", "Sign in")

    def connect(self) -> None:
        """From any page to Settings, over Xero's consent page, and back."""
        self.press("link", "Settings")
        self.heading("Xero")
        self.press("link", "Connect to Xero")
        self.heading("Retail POS wants access")
        self.press("button", "Allow access")
        self.heading("Xero")

    def import_all(self) -> None:
        """From any page to the progress of an import."""
        self.press("link", "Customers")
        self.press("button", "Import Customers")
        self.press("link", "Import from Xero")
        self.heading("Import from Xero")
        self.press("button", "Import from Xero")
