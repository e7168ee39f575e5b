"""Every address of the site follows from the one repository named in the configuration."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import built  # noqa: F401  # puts book/_ext on the path
import pytest
from site_links import Repository

OPTIONS = {
    "repository_url": "https://github.com/ada/engine/",
    "repository_branch": "main",
    "launch_buttons": {"binderhub_url": "https://mybinder.org/", "colab_url": ""},
}
BOOK = Repository.from_theme_options(OPTIONS)
CHAPTER = "book/01_a b.ipynb"


def test_edit_opens_the_source_on_the_branch() -> None:
    assert BOOK.edit(CHAPTER) == "https://github.com/ada/engine/edit/main/book/01_a%20b.ipynb"


def test_an_issue_names_its_page() -> None:
    parts = urlsplit(BOOK.issue("Tokens & ids", CHAPTER))
    assert parts.path == "/ada/engine/issues/new"
    query = parse_qs(parts.query)
    assert query["title"] == ["On “Tokens & ids”: "]
    assert CHAPTER in query["body"][0]


def test_binder_opens_the_notebook_in_jupyterlab() -> None:
    parts = urlsplit(BOOK.binder("book/01_a.ipynb"))
    assert (parts.netloc, parts.path) == ("mybinder.org", "/v2/gh/ada/engine/main")
    assert parts.query == "urlpath=lab/tree/book/01_a.ipynb"


def test_colab_opens_the_notebook() -> None:
    wanted = "https://colab.research.google.com/github/ada/engine/blob/main/book/01_a.ipynb"
    assert BOOK.colab("book/01_a.ipynb") == wanted


def test_the_published_address_is_that_of_github_pages() -> None:
    assert BOOK.pages_url == "https://ada.github.io/engine/"


@pytest.mark.parametrize("url", ["", None, "https://github.com/ada", "ada/engine/x"])
def test_a_repository_that_is_none_is_refused(url: str | None) -> None:
    with pytest.raises(ValueError, match=r"repository\.url in _config\.yml is .*owner/name"):
        Repository.from_theme_options({"repository_url": url})
