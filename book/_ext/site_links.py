"""Every address derived from the repository named in ``_config.yml``.

Jupyter Book hands ``repository:`` and ``launch_buttons:`` to the theme as options; this module
turns them into links. It knows nothing of Sphinx, so tests can call it with plain values.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit


@dataclass(frozen=True)
class Repository:
    """A GitHub repository: its address, the branch readers get, and the services that run it."""

    url: str
    branch: str = "main"
    binderhub_url: str = "https://mybinder.org"
    colab_url: str = "https://colab.research.google.com"

    @classmethod
    def from_theme_options(cls, options: dict) -> Repository:
        """Read what Jupyter Book made of ``_config.yml``.

        Raises:
            ValueError: no repository is configured, or it is not ``https://host/owner/name``.
        """
        url = str(options.get("repository_url") or "").rstrip("/")
        if len(urlsplit(url).path.strip("/").split("/")) != 2:
            raise ValueError(
                f"repository.url in _config.yml is {url!r}; it must look like "
                "https://github.com/owner/name"
            )
        launch = options.get("launch_buttons") or {}
        return cls(
            url=url,
            branch=options.get("repository_branch") or cls.branch,
            binderhub_url=str(launch.get("binderhub_url") or cls.binderhub_url).rstrip("/"),
            colab_url=str(launch.get("colab_url") or cls.colab_url).rstrip("/"),
        )

    @property
    def owner(self) -> str:
        """The account that holds the repository."""
        return urlsplit(self.url).path.strip("/").split("/")[0]

    @property
    def name(self) -> str:
        """The repository's own name."""
        return urlsplit(self.url).path.strip("/").split("/")[1]

    @property
    def pages_url(self) -> str:
        """Where GitHub Pages publishes the site, with a slash at the end."""
        return f"https://{self.owner}.github.io/{self.name}/"

    def edit(self, path: str) -> str:
        """The page of GitHub that edits ``path`` (relative to the repository)."""
        return f"{self.url}/edit/{self.branch}/{quote(path)}"

    def issue(self, title: str, path: str) -> str:
        """A new issue that names the page it is about."""
        body = f"\n\n(About `{path}`.)"
        return f"{self.url}/issues/new?{urlencode({'title': f'On “{title}”: ', 'body': body})}"

    def binder(self, path: str) -> str:
        """``path`` opened in JupyterLab on Binder."""
        where = urlencode({"urlpath": f"lab/tree/{path}"}, safe="/")
        return f"{self.binderhub_url}/v2/gh/{self.owner}/{self.name}/{self.branch}?{where}"

    def colab(self, path: str) -> str:
        """``path``, a notebook, opened in Google Colab."""
        where = f"{self.owner}/{self.name}/blob/{self.branch}/{quote(path)}"
        return f"{self.colab_url}/github/{where}"
