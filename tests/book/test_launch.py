"""Launch links lead to files that exist, and the repository is named in one place."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import yaml
from bootstrap import bootstrap_source, release
from built import CHAPTERS, ROOT, built_pages

from llm_lib.launch import missing_packages

CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
URL = CONFIG["repository"]["url"]
BRANCH = CONFIG["repository"]["branch"]
OWNER_AND_NAME = "/".join(URL.split("/")[-2:])


def tracked_files() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listing.stdout.splitlines() if (ROOT / name).is_file()]


def launched_path(address: str) -> str | None:
    """The repository path that a launch, edit or view link opens, or None for other links."""
    parts = urlsplit(address)
    if parts.netloc == "mybinder.org":
        owner, name, branch = parts.path.removeprefix("/v2/gh/").split("/", 2)
        assert (f"{owner}/{name}", branch) == (OWNER_AND_NAME, BRANCH)
        return unquote(parse_qs(parts.query)["urlpath"][0]).removeprefix("lab/tree/")
    if parts.netloc == "colab.research.google.com":
        return unquote(parts.path.removeprefix(f"/github/{OWNER_AND_NAME}/blob/{BRANCH}/"))
    for action in ("edit", "blob", "tree"):
        prefix = f"{URL}/{action}/{BRANCH}/"
        if address.startswith(prefix):
            return unquote(urlsplit(address.removeprefix(prefix)).path)
    return None


@pytest.fixture(scope="module")
def links(site: Path) -> dict[str, list[str]]:
    return {
        name: re.findall(r'href="(https?://[^"]+)"', (site / name).read_text("utf-8"))
        for name in built_pages()
    }


def test_every_launch_link_opens_a_file_of_the_repository(links: dict[str, list[str]]) -> None:
    opened = {
        path
        for addresses in links.values()
        for address in addresses
        if (path := launched_path(address.replace("&amp;", "&"))) is not None
    }
    assert opened, "no launch links at all"
    assert [path for path in opened if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_every_chapter_can_be_launched(chapter: Path, links: dict[str, list[str]]) -> None:
    page = f"book/{chapter.stem}.html"
    source = f"book/{chapter.name}"
    opened = [(urlsplit(a).netloc, launched_path(a.replace("&amp;", "&"))) for a in links[page]]
    assert ("mybinder.org", source) in opened
    assert ("colab.research.google.com", source) in opened
    assert ("github.com", source) in opened, "no link to edit the page"
    assert any(address.startswith(f"{URL}/issues/new?") for address in links[page])


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_every_chapter_can_be_downloaded(chapter: Path, site: Path) -> None:
    page = site / "book" / f"{chapter.stem}.html"
    found = re.findall(r'href="([^"]+\.ipynb)"[^>]*\bdownload\b', page.read_text("utf-8"))
    assert found
    served = (page.parent / found[0]).resolve()
    assert json.loads(served.read_text("utf-8"))["cells"]


def test_the_repository_is_named_in_one_place() -> None:
    """``_config.yml`` names it; the first cell of each chapter is written from there."""
    owner, name = OWNER_AND_NAME.split("/")
    naming = []
    for path in tracked_files():
        if path.suffix in {".png", ".safetensors"}:
            continue
        text = path.read_text("utf-8")
        if path.suffix == ".ipynb":
            notebook = json.loads(text)
            notebook["cells"] = [
                c for c in notebook["cells"] if "bootstrap" not in c["metadata"].get("tags", [])
            ]
            text = json.dumps(notebook)
        if name in text or f"{owner}/" in text:
            naming.append(str(path.relative_to(ROOT)))
    assert naming == ["_config.yml"]


def test_binder_pins_everything_and_holds_no_local_line() -> None:
    lines = (ROOT / "binder" / "requirements.txt").read_text("utf-8").splitlines()
    packages = [line for line in lines if line and not line.startswith(("#", "-r torch.txt"))]
    assert all("==" in line for line in packages)
    assert not [line for line in lines if re.match(r"(-e|\.|/|file:)", line)]
    assert not [line for line in packages if line.startswith("torch=")]
    assert re.search(
        r"^torch==\d", (ROOT / "binder" / "torch.txt").read_text("utf-8"), re.MULTILINE
    )
    assert "--no-deps" in (ROOT / "binder" / "postBuild").read_text("utf-8")


def test_the_same_torch_everywhere() -> None:
    pins = {
        re.search(r"torch(==| := torch==)([\d.]+)", path.read_text("utf-8"))[2]
        for path in (ROOT / "Makefile", ROOT / "binder" / "torch.txt")
    }
    assert len(pins) == 1


def test_colab_keeps_its_own_torch_and_numpy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llm_lib.launch._installed", lambda name: name == "pytest")
    wanted = tmp_path / "requirements.in"
    wanted.write_text(
        "# a comment\ntorch==9\nnumpy<3\njupyterlab\nno-such-package-here>=1\npytest\n", "utf-8"
    )
    assert missing_packages(wanted) == ["no-such-package-here"]


def test_in_colab_the_first_cell_fetches_the_release_or_the_branch(monkeypatch, tmp_path) -> None:
    commands: list[list[str]] = []

    def no_such_tag(command: list[str]) -> int:
        commands.append(command)
        return 128

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", list(sys.path))
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    monkeypatch.setattr("subprocess.call", no_such_tag)
    monkeypatch.setattr("subprocess.check_call", lambda command: commands.append(command))
    monkeypatch.setattr("llm_lib.launch.install_missing", lambda: commands.append(["install"]))
    exec(bootstrap_source(), {})
    assert [command[-1] for command in commands] == [release(), BRANCH, "install"]
    assert all(URL in command for command in commands[:2])
    assert str(tmp_path / "book-source") in sys.path


def test_elsewhere_the_first_cell_does_nothing(monkeypatch) -> None:
    def forbidden(*_: object) -> None:
        raise AssertionError("the bootstrap ran a command outside Colab")

    monkeypatch.setattr("subprocess.call", forbidden)
    monkeypatch.setattr("subprocess.check_call", forbidden)
    names: dict[str, object] = {}
    exec(bootstrap_source(), names)
    assert set(names) <= {"__builtins__", "sys"}
