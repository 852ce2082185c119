"""What a list offers to choose from: the business's groups, tags and saved filters.

It is drawn from their tables and kept on the row of the business, which every request reads: a list asks for nothing
more. Whatever changes one of the tables calls `refresh` in the same transaction.
"""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.label import Label
from posxero.db.saved_filter import SavedFilter
from posxero.domain.kinds import ContactKind
from posxero.domain.labels import LabelKind


def refresh(session: Session, business_id: UUID) -> None:
    """Rebuild the choices of a business; the caller commits."""
    session.flush()
    choices: dict[str, list[object]] = {kind.many: [] for kind in (*LabelKind, *ContactKind)}
    labels = select(Label.kind, Label.name).where(Label.business_id == business_id)
    for kind, name in session.execute(labels.order_by(Label.name_key)):
        choices[kind.many].append(name)
    filters = select(SavedFilter.kind, SavedFilter.name, SavedFilter.params)
    mine = filters.where(SavedFilter.business_id == business_id).order_by(SavedFilter.name_key)
    for kind, name, params in session.execute(mine):
        choices[kind.many].append([name, params])
    session.execute(update(Business).where(Business.id == business_id).values(list_choices=choices))
