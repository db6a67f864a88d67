"""The local model: real weights in a real child process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support.weights import weights_for_tests

from burnish.agent.errors import ContextTooLong, ModelUnavailable
from burnish.agent.models.local import LocalModel
from burnish.agent.models.local_child import Child
from burnish.agent.models.local_server import Settings
from conformance.model import SAMPLED, ModelConformance, ask

NAME = "local/qwen2.5-coder-0.5b"
CONTEXT = 1024
LIMIT_S = 15.0


def gone(pid: int, limit_s: float = LIMIT_S) -> bool:
    """Whether the process ends in time; a zombie has ended."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="class")
def model() -> Iterator[LocalModel]:
    """One child for all tests of a class."""
    found = LocalModel(weights_for_tests(), NAME, context_tokens=CONTEXT)
    yield found
    found.close()


@pytest.mark.model
class TestLocalModel(ModelConformance):
    """With the 0.5b weights."""


@pytest.mark.model
class TestAnswers:
    """What is the local model's own."""

    def test_samples_differ_and_so_do_seeds(self, model: LocalModel) -> None:
        story = ask("Tell a story.", samples=3, temperature=1.0, seed=0, max_tokens=8)
        first = model.complete(story)
        second = model.complete(story.model_copy(update={"seed": 1}))
        assert len({sample.text for sample in (*first.samples, *second.samples)}) == 6

    def test_usage_counts_every_sample_and_the_prompt_once(self, model: LocalModel) -> None:
        one = model.complete(ask("Count to a thousand.", max_tokens=5)).usage
        three = model.complete(ask("Count to a thousand.", max_tokens=5, samples=3)).usage
        assert one is not None and three is not None
        assert (one.completion_tokens, three.completion_tokens) == (5, 15)
        assert one.prompt_tokens == three.prompt_tokens

    def test_a_prompt_with_more_bytes_than_the_context_has_tokens_is_counted(self, model: LocalModel) -> None:
        request = ask("hello " * 170, max_tokens=2)
        assert model.prompt_bound(request) > CONTEXT
        usage = model.complete(request).usage
        assert usage is not None and usage.prompt_tokens < CONTEXT

    def test_a_prompt_beyond_the_context_is_refused(self, model: LocalModel) -> None:
        with pytest.raises(ContextTooLong) as error:
            model.complete(ask("hello " * 1000))
        assert str(CONTEXT) in error.value.message

    def test_a_proxy_does_not_see_what_is_asked(self, model: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
        model._stop()
        assert model.complete(ask("x", max_tokens=1)).samples

    def test_a_child_that_dies_while_answering_is_replaced(self, model: LocalModel) -> None:
        model.complete(ask("x", max_tokens=1))
        first = model.pid
        assert first is not None
        threading.Timer(0.5, os.kill, (first, signal.SIGKILL)).start()
        answer = model.complete(ask("Write a very long story.", max_tokens=40, samples=4, temperature=1.0, seed=3))
        assert len(answer.samples) == 4
        assert model.pid not in (None, first)

    def test_closing_ends_the_child_and_a_request_in_progress(self, model: LocalModel) -> None:
        model.complete(ask("x", max_tokens=1))
        pid = model.pid
        assert pid is not None
        threading.Timer(0.5, model.close).start()
        with pytest.raises(ModelUnavailable):
            model.complete(ask("Write a very long story.", max_tokens=800, samples=4))
        assert gone(pid)
        with pytest.raises(ModelUnavailable, match="closed"):
            model.complete(SAMPLED)


PARENT = """
import sys
from pathlib import Path
from burnish.agent.models.local import LocalModel
from conformance.model import ask

model = LocalModel(Path(sys.argv[1]), "local/x", context_tokens=512, slots=1)
model.complete(ask("x", max_tokens=1))
print(model.pid, flush=True)
model.complete(ask("Write a very long story.", max_tokens=400))
"""


@pytest.mark.model
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_the_child_dies_with_its_parent_however_that_dies(root: Path, ending: signal.Signals) -> None:
    path = os.pathsep.join([str(root / "tests"), *sys.path])
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(weights_for_tests())],
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert parent.stdout is not None
    with parent, parent.stdout as out:
        pid = int(out.readline())
        # As the terminal does it: to the whole group.
        os.killpg(parent.pid, ending)
        parent.wait(LIMIT_S)
        assert gone(pid)


def settings(weights: Path) -> Settings:
    return Settings(str(weights), NAME, 1, 512, 1, "the-key-of-this-test", os.getpid())


@pytest.fixture(scope="class")
def secret() -> Iterator[str]:
    """A key in the environment of the parent."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", "sk-not-for-the-child")
        yield "sk-not-for-the-child"


@pytest.fixture(scope="class")
def child(secret: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    """A running one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BURNISH_HOME", str(tmp_path_factory.mktemp("home")))
        found = Child(settings(weights_for_tests()))
    yield found
    found.stop()
    found.stop()
    assert not found.alive()


@pytest.mark.model
class TestChild:
    """The process itself."""

    @pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
    def test_requests_without_the_key_are_refused(self, child: Child, headers: dict[str, str]) -> None:
        for path in ("/v1/chat/completions", "/completion", "/tokenize", "/apply-template"):
            body = {"messages": [{"role": "user", "content": "x"}], "prompt": "x", "content": "x"}
            answer = httpx.post(child.chat.address + path, json=body, headers=headers, trust_env=False)
            assert answer.status_code == 401

    def test_it_has_neither_our_secrets_nor_its_key_in_sight(self, child: Child, secret: str) -> None:
        process = Path(f"/proc/{child.pid}")
        seen = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
        assert secret.encode() not in seen
        assert b"the-key-of-this-test" not in seen

    def test_it_listens_on_loopback_and_is_out_of_the_terminals_reach(self, child: Child) -> None:
        assert child.chat.address.startswith("http://127.0.0.1:")
        assert os.getsid(child.pid) != os.getsid(0)

    def test_it_logs_to_a_file_and_not_what_it_was_asked(self, child: Child) -> None:
        child.chat.complete({"messages": [{"role": "user", "content": "my private words"}], "max_tokens": 1}, 1)
        log = child.log.read_text(errors="replace")
        assert "listening" in log
        assert "my private words" not in log


@pytest.mark.parametrize("content", [None, b"", b"GGUF and then nonsense"])
def test_weights_that_cannot_be_loaded_are_an_error_with_a_log(tmp_path: Path, content: bytes | None) -> None:
    weights = tmp_path / "w.gguf"
    if content is not None:
        weights.write_bytes(content)
    with pytest.raises(ModelUnavailable, match="did not start") as error:
        LocalModel(weights, NAME).complete(ask("x"))
    assert "local-server.log" in error.value.hint


def test_modules_in_the_working_folder_are_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("json", "select", "xllamacpp", "dataclasses"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'was-run')!r}, 'w')\nraise SystemExit")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelUnavailable):
        LocalModel(tmp_path / "missing.gguf", NAME).complete(ask("x"))
    assert not (tmp_path / "was-run").exists()


def test_a_model_that_was_never_used_starts_nothing(tmp_path: Path) -> None:
    model = LocalModel(tmp_path / "missing.gguf", NAME)
    assert model.pid is None and model.prompt_bound(ask("x")) > 0
    model.close()
    model.close()
