"""What an invoice in Xero was settled by."""

from posxero.domain.enums import LabelledEnum


class PaymentKind(LabelledEnum):
    """How an amount that was due became less."""

    PAYMENT = "payment", "Payment"
    CREDIT_NOTE = "credit_note", "Credit note"
    PREPAYMENT = "prepayment", "Prepayment"
    OVERPAYMENT = "overpayment", "Overpayment"
