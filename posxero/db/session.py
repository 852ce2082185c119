"""Flask-SQLAlchemy over the plain base: it gives views an engine, and a session for each request."""

from typing import TYPE_CHECKING

from flask_sqlalchemy import SQLAlchemy

from posxero.db.base import Base

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Database(SQLAlchemy):
    """The engine, and the session of the running request or job."""

    session: "Session"  # type: ignore[assignment]  # a proxy of it, one to each app context


# Objects stay readable after a commit: services commit, then the view renders.
db = Database(metadata=Base.metadata, disable_autonaming=True, session_options={"expire_on_commit": False})
