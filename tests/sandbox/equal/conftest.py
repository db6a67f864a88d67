"""One sandbox for all tests here: it starts a worker for each program anyway."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from burnish.sandbox.isolation.base import Sandbox
from burnish.sandbox.isolation.bubblewrap import BubblewrapSandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    made = BubblewrapSandbox()
    yield made
    made.close()
