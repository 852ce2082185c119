"""For other servers than our own: `gunicorn wsgi`."""

import os

from posxero.app import create_app
from posxero.settings import Settings

application = create_app(Settings.from_env(os.environ))
