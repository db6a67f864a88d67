"""Fixtures for models and their weights."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.site import Notes, Site, serving


@pytest.fixture
def site() -> Iterator[Site]:
    """A server on loopback, of this test alone."""
    with serving() as found:
        yield found


@pytest.fixture
def notes() -> Notes:
    """A progress that remembers what it heard."""
    return Notes()
