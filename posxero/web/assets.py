"""The files that pages load: compressed once, and kept by browsers for as long as their content is the same."""

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

FOR_GOOD = "public, max-age=31536000, immutable"  # the address names the content
ASK_AGAIN = "no-cache"  # it does not: the browser asks whether its copy is still right


@dataclass(frozen=True)
class Asset:
    """One file as it was when it was read."""

    name: str
    version: tuple[int, int]  # of the file: st_mtime_ns, st_size
    body: bytes

    @cached_property
    def digest(self) -> str:
        """Return what stands in its address: it changes with the content."""
        return sha256(self.body).hexdigest()[:12]

    @cached_property
    def encoded(self) -> dict[str, bytes]:
        """Return the content by content coding, the smallest first. It is compressed on its first request."""
        return {"br": brotli.compress(self.body), "gzip": gzip.compress(self.body, mtime=0)}


class Assets:
    """The files of the static folder that are there when the app starts; one that changes is read again."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()
        }
        self._read: dict[str, Asset] = {}

    def get(self, name: str) -> Asset:
        """Return a file.

        Raises:
            NotFound: There is no such file.
        """
        path = self._files.get(name)
        if path is None:
            raise NotFound
        stat, asset = path.stat(), self._read.get(name)
        version = (stat.st_mtime_ns, stat.st_size)
        if asset is None or asset.version != version:
            asset = self._read[name] = Asset(name, version, path.read_bytes())
        return asset

    def url(self, name: str) -> str:
        """Return the address of a file, which changes with its content; one that is missing is only named."""
        return url_for("static", filename=name, v=self.get(name).digest if name in self._files else None)

    def serve(self, filename: str) -> Response:
        """Answer a file, in the content coding that the browser likes best."""
        asset = self.get(filename)
        coding = request.accept_encodings.best_match(asset.encoded) or ""
        response = Response(asset.encoded.get(coding, asset.body), mimetype=guess_type(filename)[0])
        if coding:
            response.content_encoding = coding
        response.vary.add("Accept-Encoding")
        response.set_etag(f"{asset.digest}{coding}")
        response.headers["Cache-Control"] = FOR_GOOD if request.args.get("v") == asset.digest else ASK_AGAIN
        response.make_conditional(request)
        return response


def init_app(app: Flask) -> None:
    """Serve the static folder, and give templates `asset_url(name)`."""
    assets = Assets(Path(app.static_folder or ""))
    app.view_functions["static"] = assets.serve
    app.add_template_global(assets.url, "asset_url")
