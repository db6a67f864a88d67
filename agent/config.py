"""Where state lives, and which version this is."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """The folder all state lives in: `BURNISH_HOME`, or the platform's data folder. Not created here."""
    chosen = os.environ.get("BURNISH_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("burnish", appauthor=False))


def runs_dir() -> Path:
    """One folder a run."""
    return home() / "runs"


def weights_dir() -> Path:
    """Weights of local models."""
    return home() / "models"


def version() -> str:
    """The installed version of Burnish."""
    from importlib.metadata import version as installed

    return installed("burnish")
