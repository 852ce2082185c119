"""The WSGI application for other servers than `posxero web`: `wsgi:application`."""

import os

from posxero.app import create_app
from posxero.settings import Settings

application = create_app(Settings.from_env(os.environ))
