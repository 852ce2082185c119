"""The pages of Xero's web application, as far as they are needed."""

from flask import Blueprint

bp = Blueprint("pages", __name__)
