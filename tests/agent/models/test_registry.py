"""From `provider/name` to a model."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from support.site import Notes, Page, Site

from burnish.agent.errors import ModelUnavailable, UsageError
from burnish.agent.models.registry import DEFAULT_MODEL, open_model
from burnish.agent.models.scripted import RecordingModel, ScriptedModel
from burnish.agent.models.weights import CATALOGUE
from conformance.model import ask

NAME = DEFAULT_MODEL.removeprefix("local/")


def test_recorded_answers_are_opened(tmp_path: Path) -> None:
    RecordingModel(ScriptedModel(["a"]), tmp_path).complete(ask("x"))
    model = open_model(f"replay/{tmp_path}")
    assert model.complete(ask("x")).samples[0].text == "a"


@pytest.mark.parametrize("spec", ["gpt", "nobody/x", "local/", "/x", "replay/", "local", "local/nonsense"])
def test_an_unknown_name_lists_what_is_known(spec: str) -> None:
    with pytest.raises(UsageError) as error:
        open_model(spec)
    assert NAME in error.value.hint


@pytest.mark.parametrize("spec", [None, "", DEFAULT_MODEL])
def test_missing_weights_name_the_command_that_fetches_them(spec: str | None) -> None:
    with pytest.raises(ModelUnavailable) as error:
        open_model(spec)
    assert f"burnish models pull {NAME}" in error.value.hint


def test_a_no_fetches_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BURNISH_HUB_URL", site.url)
    asked: list[str] = []
    with pytest.raises(ModelUnavailable):
        open_model(None, ask=lambda question: bool(asked.append(question)))
    assert len(asked) == 1 and "491 MB" in asked[0]
    assert site.asked == []


def test_a_yes_fetches_and_wrong_bytes_stay_out(site: Site, notes: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BURNISH_HUB_URL", site.url)
    weights = CATALOGUE[NAME]
    path = f"/{weights.repository}/resolve/main/{weights.file}"
    site.pages[path] = Page(hashlib.sha256(b"x").digest())
    with pytest.raises(ModelUnavailable, match="32 bytes long, not 491,400,064"):
        open_model(None, ask=lambda question: True, progress=notes)
    assert [asked for asked, _ in site.asked] == [path]


def test_importing_the_registry_and_the_command_is_light() -> None:
    code = (
        "import sys, burnish.agent.models.registry, burnish.agent.commands.models\n"
        "print([m for m in ('httpx', 'xllamacpp', 'rich.progress', 'langgraph', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
