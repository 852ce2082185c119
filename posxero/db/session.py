"""Flask-SQLAlchemy over the plain base: it gives doors an engine and a session a request."""

from flask_sqlalchemy import SQLAlchemy

from posxero.db.base import Base

# Objects stay readable after a commit: services commit, then the door renders.
db = SQLAlchemy(metadata=Base.metadata, disable_autonaming=True, session_options={"expire_on_commit": False})
