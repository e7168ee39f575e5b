"""Ask every address the book links to whether it still answers. Weekly, never in ``make test``."""

from __future__ import annotations

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

AGENT = {"User-Agent": "Mozilla/5.0 (link check of a textbook)"}
REFUSALS = {401, 403, 405, 418, 429, 999}  # the page is there, it does not want robots


def external_links(site: Path) -> dict[str, list[str]]:
    """Address to the pages that link to it."""
    found: dict[str, list[str]] = {}
    for page in sorted(site.rglob("*.html")):
        for address in re.findall(r'href="(https?://[^"#]+)', page.read_text("utf-8")):
            found.setdefault(address.replace("&amp;", "&"), []).append(str(page.relative_to(site)))
    return found


def problem(address: str) -> str | None:
    """What is wrong with an address, or None."""
    try:
        answer = requests.get(address, headers=AGENT, timeout=30, stream=True)
    except requests.RequestException as error:
        return type(error).__name__
    fine = answer.ok or answer.status_code in REFUSALS
    return None if fine else f"HTTP {answer.status_code}"


def main() -> int:
    links = external_links(Path(sys.argv[1]))
    with ThreadPoolExecutor(8) as pool:
        problems = dict(zip(links, pool.map(problem, links), strict=True))
    broken = {address: what for address, what in problems.items() if what}
    for address, what in broken.items():
        print(f"{what}: {address} (linked from {', '.join(sorted(set(links[address]))[:3])})")
    print(f"{len(links)} addresses, {len(broken)} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
