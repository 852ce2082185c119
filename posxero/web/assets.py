"""Static files: compressed once, and cached by browsers until their content changes."""

import gzip
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path

import brotli
from flask import Flask, Response, url_for
from werkzeug.exceptions import NotFound

from posxero.web.htmx import request

CACHE_IMMUTABLE = "public, max-age=31536000, immutable"  # the URL contains the digest of the content
CACHE_REVALIDATE = "no-cache"  # the URL does not


@dataclass(frozen=True)
class Asset:
    """The content of a file at the time it was read."""

    name: str
    version: tuple[int, int]  # of the file: st_mtime_ns, st_size
    body: bytes

    @cached_property
    def digest(self) -> str:
        """The part of the URL that changes with the content."""
        return sha256(self.body).hexdigest()[:12]

    @cached_property
    def encoded(self) -> dict[str, bytes]:
        """The content by content coding, smallest first; compressed on first use."""
        return {"br": brotli.compress(self.body), "gzip": gzip.compress(self.body, mtime=0)}


class Assets:
    """The files in the static folder at start; a file that changes later is read again."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()
        }
        self._cache: dict[str, Asset] = {}

    def get(self, name: str) -> Asset:
        """Return a file.

        Raises:
            NotFound: There is no such file.
        """
        path = self._files.get(name)
        if path is None:
            raise NotFound
        stat, asset = path.stat(), self._cache.get(name)
        version = (stat.st_mtime_ns, stat.st_size)
        if asset is None or asset.version != version:
            asset = self._cache[name] = Asset(name, version, path.read_bytes())
        return asset

    def url(self, name: str) -> str:
        """Return the URL of a file, with the digest of its content where the file exists."""
        return url_for("static", filename=name, v=self.get(name).digest if name in self._files else None)

    def serve(self, filename: str) -> Response:
        """Serve a file in the content coding that the browser prefers."""
        asset = self.get(filename)
        coding = request.accept_encodings.best_match(asset.encoded) or ""
        response = Response(asset.encoded.get(coding, asset.body), mimetype=guess_type(filename)[0])
        if coding:
            response.content_encoding = coding
        response.vary.add("Accept-Encoding")
        response.set_etag(f"{asset.digest}{coding}")
        response.headers["Cache-Control"] = (
            CACHE_IMMUTABLE if request.args.get("v") == asset.digest else CACHE_REVALIDATE
        )
        response.make_conditional(request)
        return response


def init_app(app: Flask) -> None:
    """Serve the static folder, and pass `asset_url(name)` to templates."""
    assets = Assets(Path(app.static_folder or ""))
    app.view_functions["static"] = assets.serve
    app.add_template_global(assets.url, "asset_url")
