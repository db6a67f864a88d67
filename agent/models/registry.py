"""From `provider/name` on the command line to a model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.agent.errors import ModelUnavailable, UsageError

if TYPE_CHECKING:
    from burnish.agent.models.base import Model
    from burnish.agent.models.weights import Progress

DEFAULT_MODEL = "local/qwen2.5-coder-0.5b"


def open_model(
    spec: str | None, *, ask: Callable[[str], bool] | None = None, progress: Progress | None = None
) -> Model:
    """The model that `spec` names: `local/NAME`, `replay/DIR`, or None for `DEFAULT_MODEL`.

    Args:
        ask: Puts a yes/no question to a person; a yes fetches weights that are missing. None when nobody is there.
        progress: Hears how the fetching goes on.

    Raises:
        UsageError: `spec` names nothing known.
        ModelUnavailable: the weights are missing and were not fetched; nothing is recorded in `DIR`.
        StorageError: there is no room for the weights.
    """
    provider, slash, rest = (spec or DEFAULT_MODEL).partition("/")
    if not slash or not rest or provider not in ("local", "replay"):
        from burnish.agent.models.weights import CATALOGUE

        known = ", ".join([*(f"local/{name}" for name in CATALOGUE), "replay/DIR"])
        raise UsageError(f"There is no model {spec!r}.", f"Known are: {known}.")
    if provider == "replay":
        from burnish.agent.models.scripted import ReplayModel

        return ReplayModel(Path(rest))
    from burnish.agent.models.local import LocalModel

    return LocalModel(_weights(rest, ask, progress), f"local/{rest}")


def _weights(name: str, ask: Callable[[str], bool] | None, progress: Progress | None) -> Path:
    from burnish.agent.models.weights import find, lookup, pull

    if (found := find(name)) is not None:
        return found
    megabytes = lookup(name).bytes / 1e6
    if ask is not None and ask(f"The weights of {name} are not here. Fetch them ({megabytes:,.0f} MB)?"):
        from burnish.agent.models.sources import default_sources

        return pull(name, default_sources(), progress or Silent())
    raise ModelUnavailable(f"The weights of {name} are not on this machine.", f"Fetch them: burnish models pull {name}")


class Silent:
    """A `Progress` that says nothing."""

    def start(self, label: str, total: int | None) -> None:
        """Nothing."""

    def advance(self, n: int) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""
