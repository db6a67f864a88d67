"""One file over HTTP, continued where it was cut off and never spliced from two versions."""

from __future__ import annotations

import hashlib
import json
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from burnish.agent.models.weights import Progress, SourceFailed, check_space, storage_errors

if TYPE_CHECKING:
    import httpx

_RETRY_AFTER_CAP_S = 30.0


@dataclass(frozen=True)
class Retry:
    """How often to try again after a cut, and how long to wait: `pause_s`, doubled each time."""

    tries: int = 4
    """In a row without a new byte."""
    pause_s: float = 0.5


class _Cut(Exception):
    """Worth another try."""

    def __init__(self, why: str, wait_s: float = 0.0) -> None:
        super().__init__(why)
        self.wait_s = wait_s


def client() -> httpx.Client:
    """An HTTP client that trusts the system's certificates as well as certifi's."""
    import ssl

    import certifi
    import httpx

    trusted = ssl.create_default_context()
    trusted.load_verify_locations(certifi.where())
    return httpx.Client(follow_redirects=True, timeout=httpx.Timeout(60.0, connect=15.0), verify=trusted)


def without_credentials(url: str) -> str:
    """`url` as it may be shown: no user, password or query."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def download(
    http: httpx.Client, url: str, target: Path, size: int | None, progress: Progress, retry: Retry | None = None
) -> None:
    """Fetch `url` into `target`; what `target` holds of the same version is kept.

    Args:
        size: Expected bytes, None when unknown.

    Raises:
        SourceFailed: refused, missing, of another size, or cut off too often. `target` then holds what came.
        StorageError: the disk is full or read-only.
    """
    import httpx

    retry = retry or Retry()
    fetch = _Fetch(http, url, target, size, progress)
    failures = 0
    while True:
        before = fetch.have()
        try:
            if fetch.once():
                return
            continue
        except _Cut as error:
            cut: Exception = error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.TooManyRedirects) as error:
            raise SourceFailed(f"cannot be fetched: {error}") from error
        except httpx.RequestError as error:
            cut = error
        failures = 1 if fetch.have() > before else failures + 1
        if failures >= retry.tries:
            raise SourceFailed(str(cut) or type(cut).__name__) from cut
        time.sleep(max(retry.pause_s * 2 ** (failures - 1), getattr(cut, "wait_s", 0.0)))


class _Fetch:
    def __init__(self, http: httpx.Client, url: str, target: Path, size: int | None, progress: Progress) -> None:
        self._http, self._url, self._target, self._size = http, url, target, size
        self._version_file = target.with_name(target.name + ".json")
        # Not the URL itself: it may hold a password or a signature.
        self._url_hash = hashlib.sha256(url.encode()).hexdigest()
        self._progress = progress
        self._shown: int | None = None

    def have(self) -> int:
        """Bytes that can be kept: those of a known version of this very URL."""
        if self._validator() is None or not self._target.exists():
            return 0
        return self._target.stat().st_size

    def once(self) -> bool:
        """One request. True when the file is complete, False when it has to be asked for again from the start."""
        have, validator = self.have(), self._validator()
        headers = {"Accept-Encoding": "identity"}
        if have and validator:
            headers |= {"Range": f"bytes={have}-", "If-Range": validator}
        with self._http.stream("GET", self._url, headers=headers) as answer:
            if answer.status_code == 416:
                return self._beyond_the_end(have)
            self._refuse(answer)
            # A 206 for another place or version must not be appended; a server that ignores Range says 200.
            continues = answer.status_code == 206
            start, total = _content_range(answer.headers.get("content-range", "")) if continues else (0, None)
            if continues and (start != have or (have and _validator_of(answer) not in (None, validator))):
                return self._start_over("the server sent a part that was not asked for", have)
            self._read(answer, have if continues else 0, total if continues else _length(answer))
        return True

    def _read(self, answer: httpx.Response, have: int, total: int | None) -> None:
        size = self._size if self._size is not None else total
        if total is not None and total != size:
            raise SourceFailed(f"is {total:,} bytes long, not {size:,}")
        self._show(have, size)
        with storage_errors(self._target.parent):
            if size is not None:
                check_space(self._target.parent, size - have)
            if have == 0:
                self._remember(_validator_of(answer))
            file = self._target.open("ab" if have else "wb")
        try:
            for chunk in answer.iter_raw():
                have += len(chunk)
                if size is not None and have > size:
                    raise SourceFailed(f"is longer than {size:,} bytes")
                with storage_errors(self._target.parent):
                    file.write(chunk)
                self._show(have, size)
        finally:
            with storage_errors(self._target.parent):
                file.close()
        if size is not None and have < size:
            raise _Cut(f"the connection ended after {have:,} of {size:,} bytes")

    def _refuse(self, answer: httpx.Response) -> None:
        code = answer.status_code
        if code == 429 or code >= 500:
            wait = answer.headers.get("retry-after", "")
            raise _Cut(f"the server answered {code}", min(float(wait), _RETRY_AFTER_CAP_S) if wait.isdigit() else 0.0)
        if code not in (200, 206):
            raise SourceFailed(f"the server answered {code}")

    def _beyond_the_end(self, have: int) -> bool:
        """After 416: the file may have been complete already."""
        return (have > 0 and have == self._size) or self._start_over("the server answered 416", have)

    def _start_over(self, why: str, have: int) -> bool:
        if not have:
            raise SourceFailed(why)
        with storage_errors(self._target.parent):
            self._version_file.unlink(missing_ok=True)
            self._target.unlink(missing_ok=True)
        return False

    def _show(self, have: int, size: int | None) -> None:
        if self._shown is None:
            self._progress.start(f"fetching {self._target.name.removesuffix('.partial')}", size)
            self._shown = 0
        self._progress.advance(have - self._shown)
        self._shown = have

    def _validator(self) -> str | None:
        try:
            kept = json.loads(self._version_file.read_bytes())
        except (OSError, ValueError):
            return None
        if not isinstance(kept, dict) or kept.get("url") != self._url_hash:
            return None
        return kept["validator"] if isinstance(kept.get("validator"), str) else None

    def _remember(self, validator: str | None) -> None:
        kept = {"url": self._url_hash, "validator": validator}
        # The old bytes go first: beside the new version's name they would be continued.
        self._target.unlink(missing_ok=True)
        self._version_file.write_text(json.dumps(kept), encoding="utf-8")


def _validator_of(answer: httpx.Response) -> str | None:
    """What If-Range may carry: a strong ETag, else the time of the last change."""
    etag: str = answer.headers.get("etag", "")
    if etag and not etag.startswith("W/"):
        return etag
    changed: str | None = answer.headers.get("last-modified")
    return changed


def _content_range(text: str) -> tuple[int, int | None]:
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", text.strip())
    if found is None:
        return -1, None
    return int(found[1]), None if found[2] == "*" else int(found[2])


def _length(answer: httpx.Response) -> int | None:
    text: str = answer.headers.get("content-length", "")
    return int(text) if text.isdigit() else None
