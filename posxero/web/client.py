"""The browser of a request: its network address, and the users who signed in on it before."""

import secrets
from uuid import UUID

from flask import Flask, Response, current_app, g
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadData, URLSafeTimedSerializer

from posxero.domain.ip_addresses import normalise_address
from posxero.ports import current_ports
from posxero.services.accounts.sign_in import Client
from posxero.web.htmx import request

KNOWN_DEVICE_LIFETIME = 180 * 24 * 3600  # seconds since the last sign-in
MAX_USERS_PER_DEVICE = 20


class SessionAndDeviceCookies(SecureCookieSessionInterface):
    """Writes the session cookie, then the cookie of a known device."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Add the cookies to an answer."""
        super().save_session(app, session, response)
        if "known_devices" in g:
            _write_known_devices(response, g.known_devices)


def init_app(app: Flask) -> None:
    """Install the cookies of the app."""
    app.session_interface = SessionAndDeviceCookies()


def client_address() -> str:
    """Return the browser's address; of X-Forwarded-For only what the proxies of POSXERO_PROXIES say."""
    return normalise_address(request.remote_addr or "")


def client() -> Client:
    """Return what sign-in needs to know about the browser."""
    user_agent = request.headers.get("User-Agent", "")
    return Client(address=client_address(), user_agent=user_agent, devices=_known_devices())


def remember_device(user_id: UUID) -> None:
    """Record in a cookie that a user has signed in on this device. It authenticates nobody.

    While somebody guesses the user's password from elsewhere, attempts from this device are counted separately.
    """
    known = _known_devices()
    device = known.pop(user_id, "") or secrets.token_urlsafe(9)
    g.known_devices = dict([*known.items(), (user_id, device)][-MAX_USERS_PER_DEVICE:])


def _known_devices() -> dict[UUID, str]:
    try:
        kept = _serializer().loads(request.cookies.get(_cookie_name(), ""), max_age=KNOWN_DEVICE_LIFETIME)
        return {UUID(person): str(device) for person, device in kept.items()}
    except (BadData, ValueError, AttributeError):
        return {}


def _write_known_devices(response: Response, devices: dict[UUID, str]) -> None:
    response.set_cookie(
        _cookie_name(),
        _serializer().dumps({person.hex: device for person, device in devices.items()}),
        max_age=KNOWN_DEVICE_LIFETIME,
        secure=current_ports().settings.production,
        httponly=True,
        samesite="Strict",
    )


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="posxero.known-device")


def _cookie_name() -> str:
    return "__Host-posxero-device" if current_ports().settings.production else "posxero-device"
