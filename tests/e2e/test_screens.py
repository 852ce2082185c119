"""Every screen in every state: it fits, it can be touched, everybody can read it, and it is light."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from posxero.domain.enums import Role
from tests.e2e import furnishing, live
from tests.e2e.accessibility import violations
from tests.e2e.screens import SCREENS, Screen
from tests.e2e.windows import DESKTOP, PAGE_TIMEOUT, Watch, usual
from tests.support.practice_server import PracticeServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from playwright.sync_api import Browser, BrowserContext, Page, Response

    from tests.e2e.live import LiveShop, Premises

WIDTHS = (320, 390, 820, 1180)
KILOBYTE = 1000

# The name of everything that reaches beyond the window, unless something around it scrolls.
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  const scrolls = (element) => element.closest(".scroll, pre, [popover]") !== null;
  const wide = [...document.body.querySelectorAll("*")].filter((element) => element.checkVisibility()
    && !scrolls(element) && element.getBoundingClientRect().right > width + 0.5);
  const page = document.documentElement.scrollWidth > width ? [`page: ${document.documentElement.scrollWidth}`] : [];
  return page.length ? [...page, ...wide.map((element) => element.outerHTML.slice(0, 120))] : [];
}"""

# Every control that a finger of 44 px on its middle would miss. Links within a sentence are exempt (WCAG 2.5.8).
TOO_SMALL = """() => {
  const open = document.querySelector("dialog[open]") ?? document.querySelector(":popover-open");
  const inSentence = (control) => control.matches("a") && getComputedStyle(control).display === "inline"
    && [...control.parentElement.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  const union = (one, other) => {
    const [x, y] = [Math.min(one.x, other.x), Math.min(one.y, other.y)];
    return new DOMRect(x, y, Math.max(one.right, other.right) - x, Math.max(one.bottom, other.bottom) - y);
  };
  const reach = (control, x, y) => {
    const hit = document.elementFromPoint(x, y);
    return hit && (control.contains(hit) || [...(control.labels ?? [])].some((label) => label.contains(hit)));
  };
  const small = [];
  for (const control of document.querySelectorAll("a[href], button, input, select, textarea, summary")) {
    if (control.type === "hidden" || !control.checkVisibility({ visibilityProperty: true })) continue;
    if (control.closest(".visually-hidden, .skip, [aria-hidden=true]") || (open && !open.contains(control))) continue;
    if (inSentence(control)) continue;
    control.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const words = control.matches("[type=radio], [type=checkbox]") ? control.labels[0] : null;
    const box = union(control.getBoundingClientRect(), (words ?? control).getBoundingClientRect());
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const points = [[x, y - 21], [x, y + 21], [Math.max(x - 21, 1), y], [x + 21, y]];
    if (!points.every(([left, top]) => reach(control, left, top)))
      small.push(`${Math.round(box.width)}x${Math.round(box.height)} ${control.outerHTML.slice(0, 140)}`);
  }
  return small;
}"""


@pytest.fixture(scope="module")
def furnished(
    premises: Premises, practice_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[LiveShop, LiveShop, dict[str, UUID | str]]]:
    """A shop in every state, the shop next door that has nothing yet, and the ids of the first."""
    xero = PracticeServer(
        tmp_path_factory.mktemp("xero") / "practice.db", contacts=60, port=practice_port, **live.GENEROUS
    )
    with live.shop(premises, xero) as opened:
        yield opened, furnishing.next_door(opened), furnishing.furnish(opened)
    xero.stop()


class Tabs:
    """A browser for each person of each shop, which all screens share; each screen is a tab that is signed in anew."""

    def __init__(self, browser: Browser, furnished: tuple[LiveShop, LiveShop, dict[str, UUID | str]]) -> None:
        self._browser, (self._shop, self._empty, self._ids) = browser, furnished
        self._contexts: dict[tuple[bool, Role | None], BrowserContext] = {}
        self.watch = Watch(expected=["status of 40"])

    def open(self, screen: Screen) -> Page:
        """Open a screen, and do there what it says."""
        shop, key = self._empty if screen.empty else self._shop, (screen.empty, screen.role)
        if key not in self._contexts:
            self._contexts[key] = self._browser.new_context(**usual(shop), **DESKTOP)
            self._contexts[key].set_default_timeout(PAGE_TIMEOUT)
            self.watch.over(self._contexts[key])
        if screen.role:
            shop.let_in(self._contexts[key], screen.role)
        page = self._contexts[key].new_page()
        page.goto(screen.path.format(**self._ids))
        if screen.reach:
            screen.reach(page)
        return page

    def close(self) -> None:
        for context in self._contexts.values():
            context.close()


@pytest.fixture(scope="module")
def tabs(browser: Browser, furnished: tuple[LiveShop, LiveShop, dict[str, UUID | str]]) -> Iterator[Tabs]:
    opened = Tabs(browser, furnished)
    yield opened
    opened.close()


@pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS)
def test_everybody_can_read_and_touch_it(tabs: Tabs, screen: Screen) -> None:
    page = tabs.open(screen)
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, only_contrast=True) == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(TOO_WIDE) == [], width
        assert page.evaluate(TOO_SMALL) == [], width
    page.close()
    bad, tabs.watch.bad = tabs.watch.bad, []
    assert bad == []


@pytest.mark.parametrize(
    "path", ["/customers", "/customers/{synced}", "/customers/{synced}/edit", "/imports/{review}", "/sync"]
)
def test_a_page_is_light(
    furnished: tuple[LiveShop, LiveShop, dict[str, UUID | str]], window: Callable[..., Page], path: str
) -> None:
    shop, _, ids = furnished
    page = window(DESKTOP, shop, Role.OWNER)
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - a method of C has no weak reference
    page.goto(path.format(**ids))
    page.wait_for_load_state("networkidle")
    assert len(answers) <= 6, [answer.url for answer in answers]
    assert {answer.url.removeprefix(shop.url)[:1] for answer in answers} == {"/"}, "nothing comes from elsewhere"
    sizes = dict.fromkeys(("text/html", "text/css", "text/javascript"), 0)
    for answer in answers:
        kind = answer.headers["content-type"].partition(";")[0]
        if kind in sizes:
            sizes[kind] += len(gzip.compress(answer.body()))
    assert sizes["text/html"] <= 12 * KILOBYTE, sizes
    assert sizes["text/css"] <= 12 * KILOBYTE, sizes
    assert sizes["text/javascript"] <= 18 * KILOBYTE, sizes
