"""Every screen in every state: it fits, it can be touched, everybody can read it, and it is light."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from posxero.domain.enums import Role
from tests.e2e import furnishing, live
from tests.e2e.screens import SCREENS
from tests.e2e.windows import DESKTOP
from tests.practice_server import PracticeServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from playwright.sync_api import Page, Response

    from tests.e2e.live import LiveShop, Premises

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EVERYTHING = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
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


@pytest.fixture(params=list(SCREENS))
def show(
    request: pytest.FixtureRequest,
    furnished: tuple[LiveShop, LiveShop, dict[str, UUID | str]],
    window: Callable[..., Page],
) -> Callable[..., Page]:
    """Open a window on one screen after another."""
    screen = SCREENS[request.param]

    def shown(kind: dict[str, Any] = DESKTOP, **options: Any) -> Page:
        shop = furnished[1] if screen.empty else furnished[0]
        page = window(kind, shop, *([screen.role] if screen.role else []), **options)
        page.goto(screen.path.format(**furnished[2]))
        if screen.reach:
            screen.reach(page)
        return page

    return shown


def violations(page: Page, rules: dict[str, Any]) -> list[str]:
    found = Axe().run(page, options=rules).response["violations"]
    return [f"{one['id']}: {node['html'][:200]} {node['failureSummary']}" for one in found for node in one["nodes"]]


def test_everybody_can_read_and_touch_it(show: Callable[..., Page], watch: Any) -> None:
    watch.expect("status of 40")
    page = show()
    assert violations(page, EVERYTHING) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, COLOURS) == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(TOO_WIDE) == [], width
        assert page.evaluate(TOO_SMALL) == [], width


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
