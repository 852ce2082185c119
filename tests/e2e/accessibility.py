"""What keeps somebody from using a page, as axe finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from axe_playwright_python.base import AXE_SCRIPT

if TYPE_CHECKING:
    from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]  # axe's defaults and target-size
EVERYTHING = {"runOnly": {"type": "tag", "values": TAGS}, "rules": {"color-contrast": {"enabled": False}}}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}

# Contrast is most of axe's work. It follows from what this signs, so one element of each signature is measured: where
# it stands in the page, by elements and classes, and the colours, sizes and backgrounds from there to the root.
RUN = """async ({ rules, contrast }) => {
  const signs = new Map([[document.documentElement, ""]]), measured = new Map();
  for (const element of document.body.querySelectorAll("*")) {
    const style = getComputedStyle(element), parent = signs.get(element.parentElement) ?? "";
    const looks = [element.localName, element.className, style.color, style.backgroundColor, style.backgroundImage,
      style.opacity, style.fontSize, style.fontWeight, style.textShadow, style.position, style.visibility];
    const sign = `${parent}/${looks}`;
    signs.set(element, sign);
    const words = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if ((words || element.matches("input, select, textarea")) && element.checkVisibility() && !measured.has(sign))
      measured.set(sign, element);
  }
  const options = { resultTypes: ["violations"] };
  const found = [...(rules ? [await axe.run(document, { ...rules, ...options })] : []),
    await axe.run({ include: [...measured.values()] }, { ...contrast, ...options })];
  return found.flatMap((run) => run.violations).flatMap((one) =>
    one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 200)} ${node.failureSummary}`));
}"""


def violations(page: Page, *, only_contrast: bool = False) -> list[str]:
    """List what axe finds wrong with a page as it is now; in another colour scheme, only contrast can differ."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(RUN, {"rules": None if only_contrast else EVERYTHING, "contrast": CONTRAST})
    return found
