"""What Binder builds, built here: its requirements in a fresh environment, a chapter in 2 GB."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from built import CHAPTERS, ROOT

BINDER_MEMORY = 2 * 1024**3  # bytes; mybinder.org stops a container above this

pytestmark = pytest.mark.slow


def pip(environment: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [environment / "bin" / "python", "-m", "pip", "install", "--quiet", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment made by Binder's steps: torch.txt, requirements.txt, postBuild."""
    made = tmp_path_factory.mktemp("binder")
    subprocess.run([sys.executable, "-m", "venv", made], check=True)
    # Where PyTorch's own index is out of reach, pip may find the CPU build among local wheels.
    torch = (ROOT / "binder" / "torch.txt").read_text("utf-8").splitlines()[-1]
    if pip(made, f"{torch}+cpu").returncode:
        installed = pip(made, "-r", "binder/torch.txt")
        assert installed.returncode == 0, installed.stderr
    rest = made / "requirements.txt"
    lines = (ROOT / "binder" / "requirements.txt").read_text("utf-8").splitlines()
    rest.write_text("\n".join(line for line in lines if not line.startswith("-r ")), "utf-8")
    installed = pip(made, "-r", str(rest))
    assert installed.returncode == 0, installed.stderr
    path = f"{made / 'bin'}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        ["bash", "binder/postBuild"], cwd=ROOT, env={**os.environ, "PATH": path}, check=True
    )
    return made


def run_within(command: list[str], limit: int, environment: dict[str, str]) -> tuple[int, int, str]:
    """Run a command and its children under a cap on their resident memory, as a container has.

    Returns the exit status (-9 where the cap was passed), the peak in bytes, and the output.
    """
    process = psutil.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, resident(process))
        if peak > limit:
            for child in [*process.children(recursive=True), process]:
                child.kill()
        time.sleep(0.05)
    return process.returncode, peak, process.communicate()[0]


def resident(process: psutil.Process) -> int:
    total = 0
    try:
        for one in [process, *process.children(recursive=True)]:
            total += one.memory_info().rss
    except psutil.NoSuchProcess:
        pass  # it ended between two looks
    return total


def test_a_chapter_runs_in_binders_environment_and_memory(
    environment: Path, tmp_path: Path
) -> None:
    chapter = CHAPTERS[-1]  # the one that trains: the hungriest
    path = f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
    status, peak, output = run_within(
        [
            *(str(environment / "bin" / "jupyter"), "execute", str(chapter)),
            *("--output", str(tmp_path / "ran.ipynb")),
        ],
        BINDER_MEMORY,
        {**os.environ, "PATH": path, "VIRTUAL_ENV": str(environment)},
    )
    assert status == 0, f"peak {peak / 1e6:.0f} MB\n{output[-3000:]}"
    assert (tmp_path / "ran.ipynb").is_file()
    assert peak < BINDER_MEMORY


def test_the_cap_stops_what_needs_more(tmp_path: Path) -> None:
    hungry = [sys.executable, "-c", "import time; a = b'x' * 200_000_000; time.sleep(20)"]
    status, peak, _ = run_within(hungry, 100_000_000, dict(os.environ))
    assert status == -9
    assert peak > 100_000_000
