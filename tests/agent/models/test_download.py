"""Downloading: what is kept after a cut, and what is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.site import Notes, Page, Site

from burnish.agent.models.download import Retry, download, without_credentials
from burnish.agent.models.weights import SourceFailed

BODY = os.urandom(300_000)
FAST = Retry(tries=3, pause_s=0.001)


def serve(site: Site, **settings: Any) -> Page:
    """Serve BODY at /file."""
    site.pages["/file"] = Page(**{"body": BODY, **settings})
    return site.pages["/file"]


def fetch(site: Site, target: Path, notes: Notes, size: int | None = len(BODY), path: str = "/file") -> None:
    with httpx.Client(timeout=5.0) as http:
        download(http, site.url + path, target, size, notes, FAST)


def test_a_file_arrives_whole_and_the_progress_adds_up(site: Site, notes: Notes, tmp_path: Path) -> None:
    serve(site)
    fetch(site, tmp_path / "f.partial", notes)
    assert (tmp_path / "f.partial").read_bytes() == BODY
    assert (notes.total, notes.done) == (len(BODY), len(BODY))


def test_a_cut_connection_is_continued_where_it_ended(site: Site, notes: Notes, tmp_path: Path) -> None:
    serve(site, cuts=[100_000, 50_000])
    fetch(site, tmp_path / "f.partial", notes)
    assert (tmp_path / "f.partial").read_bytes() == BODY
    assert notes.done == len(BODY)
    assert site.ranges() == [None, "bytes=100000-", "bytes=150000-"]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, 200_000), max_size=4), ranges=st.booleans(), etag=st.sampled_from(['"v1"', None]))
def test_wherever_it_is_cut_the_bytes_are_the_same(
    site: Site, notes: Notes, tmp_path: Path, cuts: list[int], ranges: bool, etag: str | None
) -> None:
    target = tmp_path / "f.partial"
    for left in tmp_path.iterdir():
        left.unlink()
    serve(site, cuts=list(cuts), ranges=ranges, etag=etag)
    for _ in range(len(cuts) + 1):
        try:
            fetch(site, target, notes)
            break
        except SourceFailed:
            continue
    assert target.read_bytes() == BODY


def test_the_next_call_continues_what_the_last_one_left(site: Site, notes: Notes, tmp_path: Path) -> None:
    serve(site, cuts=[100_000], failures=[200, 503, 503])
    with pytest.raises(SourceFailed, match="503"):
        fetch(site, tmp_path / "f.partial", notes)
    assert (tmp_path / "f.partial").stat().st_size == 100_000
    site.asked.clear()
    fetch(site, tmp_path / "f.partial", notes)
    assert site.ranges() == ["bytes=100000-"]
    assert (tmp_path / "f.partial").read_bytes() == BODY


def test_a_server_that_ignores_ranges_makes_it_start_over(site: Site, notes: Notes, tmp_path: Path) -> None:
    serve(site, cuts=[100_000], ranges=False)
    fetch(site, tmp_path / "f.partial", notes)
    assert (tmp_path / "f.partial").read_bytes() == BODY
    assert notes.done == len(BODY)


def test_a_file_that_changed_meanwhile_is_not_spliced(site: Site, notes: Notes, tmp_path: Path) -> None:
    served = serve(site, cuts=[100_000], failures=[200, 503, 503])
    with pytest.raises(SourceFailed):
        fetch(site, tmp_path / "f.partial", notes)
    served.body, served.etag = bytes(len(BODY)), '"v2"'
    fetch(site, tmp_path / "f.partial", notes)
    assert (tmp_path / "f.partial").read_bytes() == bytes(len(BODY))


def test_bytes_of_another_url_are_not_continued(site: Site, notes: Notes, tmp_path: Path) -> None:
    serve(site, cuts=[100_000], failures=[200, 503, 503])
    with pytest.raises(SourceFailed):
        fetch(site, tmp_path / "f.partial", notes)
    site.pages["/other"] = Page(body=bytes(len(BODY)))
    fetch(site, tmp_path / "f.partial", notes, path="/other")
    assert (tmp_path / "f.partial").read_bytes() == bytes(len(BODY))


def test_a_complete_file_is_not_fetched_again(site: Site, notes: Notes, tmp_path: Path) -> None:
    serve(site)
    fetch(site, tmp_path / "f.partial", notes)
    fetch(site, tmp_path / "f.partial", notes)
    assert site.ranges() == [None, f"bytes={len(BODY)}-"]


def test_more_bytes_than_there_are_make_it_start_over(site: Site, notes: Notes, tmp_path: Path) -> None:
    serve(site)
    fetch(site, tmp_path / "f.partial", notes)
    with (tmp_path / "f.partial").open("ab") as file:
        file.write(b"more")
    fetch(site, tmp_path / "f.partial", notes)
    assert (tmp_path / "f.partial").read_bytes() == BODY


def test_a_busy_server_is_asked_again(site: Site, notes: Notes, tmp_path: Path) -> None:
    serve(site, failures=[503, 429])
    fetch(site, tmp_path / "f.partial", notes)
    assert (tmp_path / "f.partial").read_bytes() == BODY


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_is_final_and_names_its_code(site: Site, notes: Notes, tmp_path: Path, status: int) -> None:
    serve(site, status=status)
    with pytest.raises(SourceFailed, match=str(status)):
        fetch(site, tmp_path / "f.partial", notes)
    assert len(site.asked) == 1


@pytest.mark.parametrize("size", [1, len(BODY) - 1, len(BODY) + 1])
def test_another_size_is_refused_before_the_body(site: Site, notes: Notes, tmp_path: Path, size: int) -> None:
    serve(site)
    with pytest.raises(SourceFailed, match="bytes long"):
        fetch(site, tmp_path / "f.partial", notes, size=size)
    assert not (tmp_path / "f.partial").exists()


def test_nobody_listening_is_a_failed_source(notes: Notes, tmp_path: Path) -> None:
    with httpx.Client() as http, pytest.raises(SourceFailed):
        download(http, "http://127.0.0.1:1/file", tmp_path / "f", None, notes, FAST)


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "nonsense", "http://[::1"])
def test_a_url_that_is_none_is_a_failed_source(notes: Notes, tmp_path: Path, url: str) -> None:
    with httpx.Client() as http, pytest.raises(SourceFailed):
        download(http, url, tmp_path / "f", None, notes, FAST)


FULL_DISK = """
import resource, sys
from pathlib import Path
import httpx
from burnish.agent.errors import StorageError
from burnish.agent.models.download import download
from burnish.agent.models.registry import Silent

resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    with httpx.Client() as http:
        download(http, sys.argv[1], Path(sys.argv[2]), None, Silent())
except StorageError as error:
    print(error.message)
    sys.exit(error.exit_code)
"""


def test_a_file_that_cannot_grow_is_a_storage_error(site: Site, tmp_path: Path) -> None:
    serve(site)
    target = tmp_path / "f.partial"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, f"{site.url}/file", str(target)], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (74, "")
    assert str(tmp_path) in done.stdout


def test_credentials_and_signatures_are_not_shown() -> None:
    assert without_credentials("https://me:pw@host:1/a/b?sig=x#y") == "https://host:1/a/b"
