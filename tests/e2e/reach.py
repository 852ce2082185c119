"""What a person does on a screen to reach one of its states: refuse a form, open a menu, ask for something."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

LONG = "Whanganui & Manawatū Regional Agricultural Machinery Cooperative Society (Incorporated) Wholesale Department"


def refuse(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=False).first.click()
    page.get_by_role("alert").first.wait_for()


def wrong_email(page: Page) -> None:
    page.get_by_label("Email").fill("nobody")
    refuse(page)


def sign_in_wrongly(page: Page) -> None:
    page.get_by_label("Email").fill("nobody@shop.example")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()


def conflict(page: Page) -> None:
    page.get_by_label("Email").fill("mine@shop.example")
    page.locator("[name=version]").evaluate("field => { field.value = '0' }")
    refuse(page)


def restore_conflict(page: Page) -> None:
    page.locator("[name=version]").evaluate("field => { field.value = '0' }")
    page.get_by_role("button", name="Restore this version").click()
    page.get_by_role("alert").first.wait_for()


def save_without_choosing(page: Page) -> None:
    conflict(page)
    page.get_by_role("button", name="Save Customer").click()
    page.get_by_text("Choose which one to keep").first.wait_for()


def type_what_is_known(page: Page) -> None:
    page.get_by_label("Mobile").press_sequentially("021 555 0002")
    page.get_by_role("button", name="Save anyway").wait_for()


def save_what_is_known(page: Page) -> None:
    page.get_by_label("First name").fill("Ngaio")
    page.get_by_label("Mobile").fill("021 555 0002")
    page.get_by_role("button", name="Save Supplier").click()
    page.get_by_role("alert").first.wait_for()


def add_line(page: Page) -> None:
    page.get_by_role("button", name="Add another line").click()
    page.locator("#description-1").wait_for()


def charge_nothing(page: Page) -> None:
    page.get_by_role("button", name="Charge to account").click()
    page.get_by_role("alert").first.wait_for()


def wrong_limit(page: Page) -> None:
    page.get_by_label("Limit").fill("lots")
    refuse(page)


def wrong_account(page: Page) -> None:
    page.get_by_label("Income account").fill("Nothing")
    refuse(page)


def leave(page: Page) -> None:
    page.get_by_label("Email").fill("mine@shop.example")
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("dialog").wait_for()


def save_signed_out(page: Page) -> None:
    page.get_by_label("Email").fill("mine@shop.example")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save Customer").click()
    page.get_by_role("button", name="Sign in and save").click()
    page.get_by_role("dialog").get_by_role("alert").wait_for()


def save_from_an_old_page(page: Page) -> None:
    page.locator("#contact-form [name=csrf_token]").evaluate("field => { field.value = 'of another sign-in' }")
    page.get_by_role("button", name="Save Customer").click()
    page.get_by_role("dialog").wait_for()


def open_account(page: Page) -> None:
    if page.get_by_role("button", name="Account").is_visible():
        page.get_by_role("button", name="Account").click()


def ask_to_archive(page: Page) -> None:
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Archive", exact=True).click()
    page.get_by_role("dialog").wait_for()


def ask_to_unlink(page: Page) -> None:
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Unlink from Xero").click()
    page.get_by_role("dialog").wait_for()


def search_for_nothing(page: Page) -> None:
    page.get_by_label("Search in").fill("")
    page.get_by_role("button", name="Search in Xero").click()
    page.get_by_role("alert").first.wait_for()


def press(name: str) -> Callable[[Page], None]:
    def pressed(page: Page) -> None:
        page.get_by_role("button", name=name).click()

    return pressed


def save_to_toast(page: Page) -> None:
    page.get_by_role("link", name="Edit Customer").click()
    page.get_by_role("button", name="Save Customer").click()
    page.locator("#toasts .toast").wait_for()


def invite(page: Page) -> None:
    page.get_by_label("Name").fill(LONG)
    page.get_by_role("button", name="Add user").click()
    page.get_by_label("Link").wait_for()


def open_details(page: Page) -> None:
    for details in page.locator("details > summary").all():
        details.click()
