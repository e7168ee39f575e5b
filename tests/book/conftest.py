"""The built site, as files and over http."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from built import SITE
from serve import bind


@pytest.fixture(scope="session")
def site() -> Path:
    if not (SITE / "index.html").is_file():
        pytest.fail("The site is not built. Build it: make site", pytrace=False)
    return SITE


@pytest.fixture(scope="session")
def site_url(site: Path) -> Iterator[str]:
    server = bind(site, 8600)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
