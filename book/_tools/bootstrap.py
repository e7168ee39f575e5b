"""The first cell of every chapter: what Colab needs, and nothing anywhere else.

Colab copies only the notebook. The cell fetches the book's code and data at the release the
notebook belongs to, and installs only what is missing: never torch or numpy, which Colab keeps
for itself.
"""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


def repository() -> tuple[str, str]:
    """The repository's address and branch, from the one place that names them, ``_config.yml``."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["repository"]
    return config["url"].rstrip("/"), config["branch"]


def release() -> str:
    """The tag of the version in ``llm_lib/__init__.py``; publishing creates it."""
    text = (ROOT / "llm_lib" / "__init__.py").read_text("utf-8")
    return "v" + text.split('__version__ = "')[1].split('"')[0]


def bootstrap_source() -> str:
    """The cell's code."""
    url, branch = repository()
    return f"""\
# In Colab this fetches the book's code and data. Anywhere else it does nothing.
import sys

if "google.colab" in sys.modules:
    import os
    import subprocess

    url = "{url}"
    clone = ["git", "clone", "--quiet", "--depth", "1", url, "book-source", "--branch"]
    if not os.path.isdir("book-source") and subprocess.call([*clone, "{release()}"]):
        subprocess.check_call([*clone, "{branch}"])
    sys.path.insert(0, os.path.abspath("book-source"))
    import llm_lib.launch

    llm_lib.launch.install_missing()"""
