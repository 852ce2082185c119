"""When each kind of process was last seen at work."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from posxero.db.base import Base


class Heartbeat(Base):
    """The last sign of life of the scheduler, or of the workers of one queue."""

    __tablename__ = "heartbeat"

    process: Mapped[str] = mapped_column(String(20), primary_key=True)
    at: Mapped[datetime]
