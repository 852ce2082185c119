"""The form of a sale: what it shows, what was typed, and what is wrong with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Self

from flask import g, url_for

from posxero.db.contact import Contact
from posxero.db.session import db
from posxero.domain.diff import Difference
from posxero.domain.enums import Right
from posxero.domain.field_rules import parse_date
from posxero.domain.money import ZERO
from posxero.domain.sale_rules import MAX_LINES, SaleRules, TypedLine, parse_readable_lines
from posxero.services.contacts.emptied_fields import EmptyFields, WouldEmpty
from posxero.services.sales import balances
from posxero.services.sales.balances import CustomerAccount
from posxero.services.sales.errors import InvalidSale, MissingSettings, OverLimit
from posxero.services.sales.form import ChargeContext, SaleForm
from posxero.services.sales.terms import SaleTerms, load_settings
from posxero.web.htmx import request
from posxero.web.idempotency import new_idempotency_key, submitted_idempotency_key
from posxero.web.money import money, writes_decimal_comma
from posxero.web.request_time import shop_today
from posxero.web.sign_in import current_user

ADD_LINE = "add_line"  # the name of the button
NEW_LINE = TypedLine(quantity="1")


def sale_rules() -> SaleRules:
    """Return what the rules of a sale depend on in this shop."""
    return SaleRules(today=shop_today(), decimal_comma=writes_decimal_comma(g.business.country))


def charge_context() -> ChargeContext:
    """Return who charges, and where."""
    sales_url = url_for("sales.index", _external=True)
    may_override = current_user.may(Right.MANAGE)
    return ChargeContext(by=current_user.name, may_override=may_override, rules=sale_rules(), sales_url=sales_url)


@dataclass(frozen=True)
class TypedSale:
    """What a form shows: the lines, dates and reference as typed."""

    lines: tuple[TypedLine, ...] = (NEW_LINE,)
    sold_on: str = ""
    due_on: str = ""
    reference: str = ""
    over_limit_reason: str = ""
    idempotency_key: str = field(default_factory=new_idempotency_key)

    @classmethod
    def opened(cls, terms: SaleTerms) -> Self:
        """Return an empty form of today."""
        return cls(sold_on=shop_today().isoformat(), due_on=terms.due_date(shop_today()).isoformat())

    @classmethod
    def submitted(cls) -> Self:
        """Return the submitted form, with one more line where that was asked for."""
        form = request.form
        lines = tuple(_lines(form)) or (NEW_LINE,)
        return cls(
            lines=(*lines, NEW_LINE)[:MAX_LINES] if ADD_LINE in form else lines,
            sold_on=form.get("sold_on", ""),
            due_on=form.get("due_on", ""),
            reference=form.get("reference", ""),
            over_limit_reason=form.get("over_limit_reason", ""),
            idempotency_key=submitted_idempotency_key() or new_idempotency_key(),
        )

    @classmethod
    def redated(cls, terms: SaleTerms) -> Self:
        """Return the dates of the query string: a due date that nobody typed follows the date of the sale."""
        sold_on, due_on = request.args.get("sold_on", ""), request.args.get("due_on", "")
        sold, dated = parse_date(sold_on), parse_date(request.args.get("dated", ""))
        is_proposed = not due_on or (dated is not None and due_on == terms.due_date(dated).isoformat())
        return cls(sold_on=sold_on, due_on=terms.due_date(sold).isoformat() if sold and is_proposed else due_on)

    def as_another(self) -> Self:
        """Return the form as one that was not sent before."""
        return replace(self, idempotency_key=new_idempotency_key())

    def for_service(self) -> SaleForm:
        """Return the form as the service takes it."""
        chosen = request.form.get("empty_fields", "")
        return SaleForm(
            lines=self.lines,
            sold_on=self.sold_on,
            due_on=self.due_on,
            reference=self.reference,
            over_limit_reason=self.over_limit_reason,
            idempotency_key=self.idempotency_key,
            empty_fields=EmptyFields(chosen) if chosen in set(EmptyFields) else EmptyFields.ASK,
        )


@dataclass(frozen=True)
class SaleProblems:
    """What is wrong with a form: messages by control, and what the person must decide."""

    errors: Mapping[str, str] = field(default_factory=dict)
    is_over_limit: bool = False
    emptied: tuple[Difference, ...] = ()
    missing: MissingSettings | None = None

    @classmethod
    def of(cls, refusal: Exception, contact: Contact) -> Self:
        """Put a refusal into words."""
        if isinstance(refusal, InvalidSale):
            return cls(refusal.errors)
        if isinstance(refusal, MissingSettings):
            return cls(missing=refusal)
        if isinstance(refusal, OverLimit):
            control = "over_limit_reason" if current_user.may(Right.MANAGE) else ""
            return cls({control: _over_limit(refusal, contact)}, is_over_limit=True)
        if isinstance(refusal, WouldEmpty):
            return cls(emptied=refusal.fields)
        return cls({"": str(refusal)})

    def __bool__(self) -> bool:
        """Return whether anything is wrong."""
        return bool(self.errors or self.emptied or self.missing)


@dataclass(frozen=True)
class Total:
    """What the readable lines of a form come to, and what the customer owes after it."""

    total: Decimal
    account: CustomerAccount

    @classmethod
    def of(cls, lines: tuple[TypedLine, ...], contact: Contact) -> Self:
        """Add up lines as typed."""
        settings = load_settings(db.session, contact.business_id)
        default_limit = settings.default_limit if settings else None
        readable = parse_readable_lines(lines, sale_rules())
        account = balances.load_account(db.session, contact, default_limit)
        return cls(sum((line.amount for line in readable), ZERO), account)

    @property
    def owes_after(self) -> Decimal:
        """What the customer owes with this sale."""
        return self.account.owes + self.account.elsewhere + self.total

    @property
    def is_over_limit(self) -> bool:
        """Whether that is more than the limit."""
        return self.account.is_over(self.total)


def typed_lines(form: Mapping[str, str]) -> tuple[TypedLine, ...]:
    """Return the lines of a query string or form."""
    return tuple(_lines(form))


def _lines(form: Mapping[str, str]) -> Iterator[TypedLine]:
    for index in range(MAX_LINES):
        if f"price-{index}" not in form:
            return
        typed = (form.get(f"{key}-{index}", "") for key in ("description", "price", "quantity"))
        yield TypedLine(*typed)


def _over_limit(refusal: OverLimit, contact: Contact) -> str:
    elsewhere = f", {money(refusal.elsewhere)} on other invoices in Xero" if refusal.elsewhere else ""
    figures = f"{money(refusal.owes)} now{elsewhere} and {money(refusal.total)} for this sale"
    sum_of_all = money(refusal.owes + refusal.elsewhere + refusal.total)
    words = f"{contact.name} would owe {sum_of_all}: {figures}. The limit is {money(refusal.limit)}."
    if current_user.may(Right.MANAGE):
        return f"{words} To charge it anyway, enter a reason"
    return f"{words} Ask a manager to charge it"
