"""The signed-in user of a request, and their rights."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, cast
from uuid import UUID

from flask import Flask, g, session
from flask.typing import ResponseReturnValue
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, login_user, logout_user
from flask_login import current_user as flask_current_user
from werkzeug.exceptions import Forbidden

from posxero.db.business import User
from posxero.db.session import db
from posxero.domain.enums import Right, Role, holders
from posxero.ports import current_ports
from posxero.services.accounts import sessions
from posxero.services.accounts.security_log import Actor
from posxero.web import reauthentication
from posxero.web.client import client_address
from posxero.web.request_time import request_time

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]

ROLE_WITH_ARTICLE = {
    Role.OWNER: "an owner",
    Role.MANAGER: "a manager",
    Role.STAFF: "a member of staff",
    Role.BOOKKEEPER: "a bookkeeper",
}


@dataclass(frozen=True, eq=False)
class SignedIn(UserMixin):
    """A signed-in user. Flask-Login keeps the secret of the sign-in in the signed cookie."""

    secret: str
    user: User

    def get_id(self) -> str:
        """Return the value of the cookie."""
        return self.secret

    @property
    def id(self) -> UUID:
        """The user's id."""
        return self.user.id

    @property
    def name(self) -> str:
        """The user's name."""
        return self.user.name

    @property
    def role(self) -> Role:
        """The user's role."""
        return self.user.role

    @property
    def session_hash(self) -> str:
        """The key of this sign-in in the database."""
        return sessions.hash_secret(self.secret)

    def may(self, right: Right) -> bool:
        """Return whether the role has a right."""
        return self.role.may(right)


class Anonymous(AnonymousUserMixin):
    """A browser on which nobody is signed in."""

    def may(self, right: Right) -> bool:  # noqa: ARG002 - as of SignedIn
        """Return False: a right needs a role."""
        return False


current_user = cast("SignedIn", flask_current_user)
login_manager = LoginManager()


def init_app(app: Flask) -> None:
    """Load the user of each request, and pass `Right` to templates."""
    login_manager.init_app(app)
    login_manager.session_protection = None  # the row in the database is what counts; addresses change on shop Wi-Fi
    login_manager.anonymous_user = Anonymous
    login_manager.user_loader(_load)
    app.add_template_global(Right, "Right")  # templates ask `current_user.may(Right.EDIT)`


def sign_in_user(secret: str, user: User) -> None:
    """Sign a user in on this browser. Nothing of the earlier session is kept."""
    session.clear()
    login_user(SignedIn(secret, user))


def sign_out_user() -> None:
    """Sign the user of this browser out."""
    sessions.end(db.session, current_user.user, current_user.secret, by=actor(), now=request_time())
    logout_user()
    session.clear()


def actor() -> Actor:
    """Return the user of this request as an actor for the security log."""
    return Actor(name=current_user.name, user_id=current_user.id, address=client_address())


def allowed(right: Right, *, polls: bool = False) -> Callable[[View[P]], View[P]]:
    """Restrict a view to roles with a right.

    Args:
        right: The right that the role must have; else 403 that says who can.
        polls: A timer of the page sends it, so it does not keep the sign-in from going idle.
    """

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if not flask_current_user.is_authenticated:
                return reauthentication.require()
            if not polls:
                sessions.record_activity(db.session, current_user.secret, now=request_time())
                g.pop("may_be_saved", None)  # that commit saved nothing of what was sent
            if not current_user.may(right):
                raise Forbidden(_who_can(right))
            return view(*args, **kwargs)

        guarded.right = right  # type: ignore[attr-defined]  # tests read it
        return guarded

    return guard


def public(view: View[P]) -> View[P]:
    """Mark a view that needs no sign-in; a test refuses views without a mark."""
    view.right = None  # type: ignore[attr-defined]  # same
    return view


def serve_anonymously() -> None:
    """Serve the rest of this request as to nobody, because the database cannot say who is signed in."""
    g.pop("business", None)
    g.anonymous = True


def _who_can(right: Right) -> str:
    *others, last = (ROLE_WITH_ARTICLE[role] for role in holders(right))
    return f"Ask {', '.join(others)} or {last}." if others else f"Ask {last}."


def _load(secret: str) -> SignedIn | None:
    if "anonymous" in g:
        return None
    timings = current_ports().settings.timings
    found = sessions.find(db.session, secret, now=request_time(), idle=timings.idle, absolute=timings.absolute)
    if found is None:
        return None
    g.sign_in = found  # held, so that the session of the database need not read it again
    g.business = found.user.business
    return SignedIn(secret, found.user)
