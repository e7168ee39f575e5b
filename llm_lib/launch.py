"""Make a chapter run where only its notebook was copied (Google Colab)."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

# The host's own: replacing these breaks its runtime, and it shows notebooks in its own way.
_KEPT = frozenset({"torch", "numpy", "ipykernel", "jupyterlab"})
_REQUIREMENTS = Path(__file__).resolve().parents[1] / "binder" / "requirements.in"


def missing_packages(requirements: Path = _REQUIREMENTS) -> list[str]:
    """What ``requirements`` lists and this Python lacks, without what the host keeps for itself.

    Versions are left to the host: it has resolved the rest of its packages around them.

    Raises:
        FileNotFoundError: the clone is incomplete.
    """
    names = re.findall(r"^([A-Za-z0-9_.-]+)", requirements.read_text("utf-8"), re.MULTILINE)
    return [name for name in names if name.lower() not in _KEPT and not _installed(name)]


def install_missing() -> None:
    """Install what the chapters import and this Python lacks."""
    if packages := missing_packages():
        print("Installing", ", ".join(packages))
        subprocess.check_call([sys.executable, "-m", "pip", "install", "--quiet", *packages])


def _installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
