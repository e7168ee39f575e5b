"""Serve the built book on this machine only: ``python book/_tools/serve.py _build/html``."""

from __future__ import annotations

import argparse
import functools
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files; reports only failures; answers a missing page with the book's own 404."""

    protocol_version = "HTTP/1.1"  # one connection for many files: a page has some ninety
    disable_nagle_algorithm = True  # or each small file would wait for an acknowledgement
    timeout = 30  # seconds until a connection that nobody uses is given up

    def log_request(self, code: object = "-", size: object = "-") -> None:
        if isinstance(code, int) and code >= 400:
            super().log_request(code, size)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = Path(self.directory, "404.html")
        if code != 404 or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def bind(directory: Path, port: int) -> ThreadingHTTPServer:
    """A server for ``directory`` on ``port``, or on the next free one of the ten after it."""
    handler = functools.partial(QuietHandler, directory=str(directory))
    for candidate in range(port, port + 10):
        try:
            return ThreadingHTTPServer(("127.0.0.1", candidate), handler)
        except OSError:
            continue
    raise OSError(f"ports {port} to {port + 9} are all taken; choose another: make book PORT=9000")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    if not (options.directory / "index.html").is_file():
        print(f"There is no book in {options.directory}; build it first: make site")
        return 1
    try:
        server = bind(options.directory, options.port)
    except OSError as error:
        print(error)
        return 1
    print(f"The book is at http://127.0.0.1:{server.server_port}/  (Ctrl+C stops it)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
