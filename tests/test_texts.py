"""llm_lib.texts: the right bytes or a clear error, and never the network."""

import dataclasses
import hashlib
import os
import re
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pooch
import pytest

from llm_lib import texts

ROOT = Path(__file__).resolve().parents[1]
PAYLOAD = "first line\r\nsecond line, café\n".encode()
CLASSICS = [name for name, file in texts._FILES.items() if file.url]
READERS_DATA = os.environ.get(texts.DATA_VARIABLE)


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch):
    """A look-up of any other host fails the test that caused it."""
    look_up = socket.getaddrinfo

    def guarded(host, *args, **kwargs):
        if host not in ("127.0.0.1", "localhost"):
            pytest.fail(f"a test asked the network for {host}", pytrace=False)
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", guarded)
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache of the test's own, and no folder of the reader's."""
    monkeypatch.setattr(pooch, "os_cache", lambda project: str(tmp_path / "cache" / project))
    monkeypatch.delenv(texts.DATA_VARIABLE, raising=False)
    return tmp_path / "cache" / "llm-lib"


@pytest.fixture
def serve(monkeypatch):
    """serve(body, length): the-verdict is now PAYLOAD, and a server here answers with `body`."""
    servers = []

    def start(body, length=None):
        requests = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                requests.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", str(len(body) if length is None else length))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        pin("the-verdict", PAYLOAD, f"http://127.0.0.1:{server.server_port}/a.txt", monkeypatch)
        return requests

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def pin(name, content, url, monkeypatch):
    file = dataclasses.replace(
        texts._FILES[name], sha256=hashlib.sha256(content).hexdigest(), url=url
    )
    monkeypatch.setitem(texts._FILES, name, file)


def files_under(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))


def sums_in_readme():
    found = re.findall(
        r"^([0-9a-f]{64})  (\S+)$", (ROOT / "data/README.md").read_text("utf-8"), re.M
    )
    return {path: digest for digest, path in found}


# What ships with the book


def test_the_story_has_the_promised_size_and_bytes():
    story = texts.load_text("follow-copy")
    assert 19_500 <= len(story.encode("utf-8")) <= 21_000
    assert story.startswith("Hubert Vanning's eleventh novel failed")
    assert story.endswith("Vanning will not have it touched.\n")
    assert sorted(set(re.findall(r"[^\x00-\x7f]", story))) == ["ç", "é", "ï"]


def test_the_story_is_one_paragraph_per_line():
    lines = texts.load_text("follow-copy").removesuffix("\n").split("\n")
    assert all(line == line.strip() != "" for line in lines[::2])
    assert set(lines[1::2]) == {""}


def test_data_readme_and_code_pin_the_same_sums():
    pinned = {file.path: file.sha256 for file in texts._FILES.values()}
    assert pinned.items() <= sums_in_readme().items()


def test_data_readme_has_the_sum_of_every_shipped_file():
    data = ROOT / "data"
    files = [path for path in data.rglob("*") if path.is_file() and path != data / "README.md"]
    sums = {
        path.relative_to(data).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }
    fetched = {file.path for file in texts._FILES.values() if file.url}
    assert sums == {path: sum_ for path, sum_ in sums_in_readme().items() if path not in fetched}


def test_data_readme_describes_every_shipped_file_and_every_url():
    readme = (ROOT / "data/README.md").read_text("utf-8")
    shipped = [path.name for path in (ROOT / "data").iterdir() if path.name != "README.md"]
    assert [name for name in shipped if f"| `{name}" not in readme] == []
    assert [file.url for file in texts._FILES.values() if file.url and file.url not in readme] == []


def test_data_dir_is_the_clones_folder():
    assert texts.data_dir() == ROOT / "data"


def test_data_dir_of_a_wheel_wins_over_a_stranger_called_data(tmp_path, monkeypatch):
    package = tmp_path / "llm_lib"
    for folder in (package / "_data", tmp_path / "data"):
        folder.mkdir(parents=True)
    monkeypatch.setattr(texts, "__file__", str(package / "texts.py"))
    assert texts.data_dir() == package / "_data"


def test_data_dir_missing_names_both_places(tmp_path, monkeypatch):
    monkeypatch.setattr(texts, "__file__", str(tmp_path / "llm_lib" / "texts.py"))
    with pytest.raises(FileNotFoundError, match=r"_data nor .*data: install llm-lib again"):
        texts.data_dir()


def test_an_edited_story_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(texts, "data_dir", lambda: tmp_path)
    (tmp_path / "follow-copy.txt").write_text("Hubert Vanning's twelfth novel")
    with pytest.raises(ValueError, match=r"follow-copy\.txt.*expected sha256.*restore it with git"):
        texts.load_text("follow-copy")


def test_neither_torch_nor_pooch_is_imported_for_the_story():
    code = (
        "import sys; from llm_lib.texts import load_text; load_text('follow-copy'); "
        "print(sorted({'torch', 'pooch', 'requests'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


# Names


def test_available_texts_are_the_readable_ones():
    assert texts.available_texts() == ("follow-copy", "the-verdict", "tiny-shakespeare")


@pytest.mark.parametrize(
    ("wrong", "meant"), [("the-veredict", "the-verdict"), ("THE-VERDICT", "the-verdict")]
)
def test_an_unknown_text_lists_the_names_and_suggests_the_closest(wrong, meant):
    with pytest.raises(ValueError) as error:
        texts.load_text(wrong)
    assert f"no text called {wrong!r}" in str(error.value)
    assert "follow-copy, the-verdict, tiny-shakespeare" in str(error.value)
    assert f"Did you mean {meant!r}?" in str(error.value)


def test_a_name_like_none_gets_no_suggestion():
    with pytest.raises(
        ValueError, match=r"there is no file called '\.\./\.\./etc/passwd'"
    ) as error:
        texts.text_path("../../etc/passwd")
    assert "Did you mean" not in str(error.value)


def test_a_vocabulary_is_a_file_but_no_text():
    with pytest.raises(ValueError, match=r"no text called 'gpt2/vocab\.bpe'"):
        texts.load_text("gpt2/vocab.bpe")


# The reader's own folder


@pytest.mark.skipif(not READERS_DATA, reason="LLM_LIB_DATA is not set: no classic files")
@pytest.mark.parametrize("name", CLASSICS)
def test_the_classic_files_are_found_and_are_the_pinned_ones(name):
    path = Path(READERS_DATA) / texts._FILES[name].path
    if not path.exists():
        pytest.skip(f"{path} is absent")
    assert texts.text_path(name) == path
    if name in texts.available_texts():
        assert texts.load_text(name).encode("utf-8") == path.read_bytes()


def test_line_ends_are_kept(tmp_path, monkeypatch, cache):
    pin("the-verdict", PAYLOAD, "http://127.0.0.1:9/", monkeypatch)
    (tmp_path / "the-verdict.txt").write_bytes(PAYLOAD)
    monkeypatch.setenv(texts.DATA_VARIABLE, str(tmp_path))
    assert texts.load_text("the-verdict") == "first line\r\nsecond line, café\n"


@pytest.mark.parametrize("content", [b"", PAYLOAD[:-1], PAYLOAD.replace(b"\r", b"")])
def test_a_tampered_file_of_the_readers_names_file_sums_and_remedy(
    content, tmp_path, monkeypatch, cache
):
    pin("the-verdict", PAYLOAD, "http://127.0.0.1:9/", monkeypatch)
    path = tmp_path / "the-verdict.txt"
    path.write_bytes(content)
    monkeypatch.setenv(texts.DATA_VARIABLE, str(tmp_path))
    with pytest.raises(ValueError) as error:
        texts.load_text("the-verdict")
    for part in (path, hashlib.sha256(PAYLOAD).hexdigest(), hashlib.sha256(content).hexdigest()):
        assert str(part) in str(error.value)
    assert "delete it and call again" in str(error.value)


def test_a_readers_folder_that_is_none_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv(texts.DATA_VARIABLE, str(tmp_path / "typo"))
    with pytest.raises(NotADirectoryError, match="typo', which is not a folder: correct it"):
        texts.text_path("the-verdict")


# Downloads, from a server on this machine


def test_a_download_is_kept_and_used_again(cache, serve):
    requests = serve(PAYLOAD)
    assert texts.load_text("the-verdict") == texts.load_text("the-verdict") == PAYLOAD.decode()
    assert requests == ["/a.txt"]
    assert files_under(cache) == ["the-verdict.txt"]


def test_a_readers_folder_without_the_file_falls_back_to_the_download(
    cache, serve, tmp_path, monkeypatch
):
    serve(PAYLOAD)
    monkeypatch.setenv(texts.DATA_VARIABLE, str(tmp_path))
    assert texts.text_path("the-verdict") == cache / "the-verdict.txt"


def test_a_damaged_cache_is_reported_then_replaced_when_deleted(cache, serve):
    serve(PAYLOAD)
    path = texts.text_path("the-verdict")
    path.write_bytes(PAYLOAD[:5])
    with pytest.raises(ValueError, match="delete it and call again"):
        texts.load_text("the-verdict")
    path.unlink()
    assert texts.load_text("the-verdict") == PAYLOAD.decode()


def test_another_files_bytes_are_thrown_away(cache, serve):
    serve(PAYLOAD[:10])
    with pytest.raises(ValueError, match=r"what arrived for the-verdict\.txt.*LLM_LIB_DATA"):
        texts.load_text("the-verdict")
    assert list(cache.iterdir()) == []


def test_a_connection_that_breaks_half_way_leaves_nothing(cache, serve):
    serve(PAYLOAD[:10], length=len(PAYLOAD))
    with pytest.raises((ConnectionError, ValueError), match="by hand"):  # as urllib3 1 or 2 sees it
        texts.load_text("the-verdict")
    assert list(cache.iterdir()) == []


def test_no_network_says_where_to_put_the_file(cache, monkeypatch):
    with socket.socket() as unused:  # a port on which nobody listens
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/vocab.bpe"
        pin("gpt2/vocab.bpe", PAYLOAD, url, monkeypatch)
        with pytest.raises(ConnectionError) as error:
            texts.text_path("gpt2/vocab.bpe")
    assert f"download {url} by hand: save it as gpt2/vocab.bpe in a folder" in str(error.value)
    assert "set LLM_LIB_DATA to that folder" in str(error.value)
    assert list((cache / "gpt2").iterdir()) == []


def test_a_cache_that_cannot_be_written(cache, serve):
    requests = serve(PAYLOAD)
    cache.parent.mkdir()
    cache.write_text("a file where the folder should be")  # refuses root too, unlike a mode
    with pytest.raises(PermissionError, match=r"cannot write to the cache .*set LLM_LIB_DATA"):
        texts.load_text("the-verdict")
    assert requests == []
