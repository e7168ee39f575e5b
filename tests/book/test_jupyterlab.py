"""A chapter in JupyterLab, by hand: run all its cells, work a widget, and Python hears of it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import psutil
import pytest
from built import CHAPTERS
from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PROBE = """
import json, pathlib
import ipywidgets
from llm_lib.widgets import TokenizerPlayground

probe = TokenizerPlayground(text="before", follow=False)
echo = ipywidgets.Text()
ipywidgets.link((probe, "text"), (echo, "value"))
heard = []

def hear(change):
    heard.append(change.new)
    pathlib.Path("heard.json").write_text(json.dumps({"heard": heard, "echo": echo.value}))

probe.observe(hear, "text")
ipywidgets.HBox([probe, echo])
"""


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """The first chapter with one cell more, which listens."""
    copy = nbformat.read(CHAPTERS[0], as_version=4)
    copy.cells.append(nbformat.v4.new_code_cell(PROBE.strip()))
    for cell in copy.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    path = tmp_path / "chapter.ipynb"
    nbformat.write(copy, path)
    return path


@pytest.fixture
def lab(tmp_path: Path, notebook: Path) -> Iterator[str]:
    """A JupyterLab server on a free port, with settings of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path / "home"
    home.mkdir()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *("--port", str(port), "--IdentityProvider.token=", "--ServerApp.password="),
            *("--notebook-dir", str(notebook.parent)),
            *(
                "--LabApp.news_url=",
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            ),
        ],
        env={**os.environ, "HOME": str(home), "JUPYTER_CONFIG_DIR": str(home)},
        stdout=(tmp_path / "lab.log").open("w"),
        stderr=subprocess.STDOUT,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: answers(f"{url}/api"), 60, "JupyterLab to start")
        yield url
    finally:
        for child in [*psutil.Process(process.pid).children(recursive=True), process]:
            child.kill()
        process.wait(20)
        shutil.rmtree(home, ignore_errors=True)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as reply:
            return reply.status == 200
    except OSError:
        return False


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.25)


def running(page: Page) -> bool:
    """Select all cells and run them; whether the kernel took it (it may still be connecting)."""
    page.locator(".jp-Notebook .jp-InputPrompt").first.click()  # command mode, not an editor
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(2000)
    prompts = page.locator(".jp-InputPrompt").all_inner_texts()
    return any(prompt.strip("[]: ") for prompt in prompts)


def test_a_widget_in_jupyterlab_talks_to_python(lab: str, notebook: Path, open_page) -> None:
    page: Page = open_page(f"{lab}/lab/tree/{notebook.name}", height=1000)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', timeout=60_000)
    wait_for(lambda: running(page), 60, "the cells to run")
    heard = notebook.parent / "heard.json"

    page.locator(".jp-Notebook").hover()
    probe = page.locator(".jp-OutputArea-output .widget-hbox .llm-figure textarea")

    def shown() -> bool:
        page.keyboard.press("Control+End")
        page.mouse.wheel(0, 100_000)  # JupyterLab draws cells only when they come into view
        return probe.count() > 0 and probe.is_visible()

    wait_for(shown, 90, "the last cell's widget")
    probe.fill("after")
    wait_for(heard.is_file, 20, "Python to hear the change")
    wait_for(lambda: json.loads(heard.read_text())["heard"][-1] == "after", 10, "the last change")
    assert page.locator(".widget-hbox .widget-text input").input_value() == "after"
