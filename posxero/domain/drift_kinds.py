"""What is read in Xero, and how we hear that it changed."""

from posxero.domain.enums import LabelledEnum


class ChangeCategory(LabelledEnum):
    """What is to be read in Xero. The value is Xero's own word, where its webhooks name such things."""

    CONTACT = "CONTACT", "Contact"
    INVOICE = "INVOICE", "Invoice"
    BALANCE = "BALANCE", "Balance"  # of a contact, one of whose invoices changed: no webhook and no stamp says so


class DriftKind(LabelledEnum):
    """How we hear of changes in Xero."""

    WEBHOOK = "webhook"  # the ids that Xero's webhooks named are read
    POLL = "poll"  # what changed since the last poll is read
    WALK = "walk"  # every contact is read, at night
    INVOICES = "invoices"  # the invoices that changed since the last poll are read
    OPEN_INVOICES = "open_invoices"  # every invoice on which something is due is read, at night
