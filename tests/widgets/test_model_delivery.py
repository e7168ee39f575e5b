"""A trained model on its way to a page: from its folder, by script or by kernel, once for all."""

from __future__ import annotations

import html
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from playwright.sync_api import Error, Page, expect
from random_gpt import random_tensors, rounded, save_folder

from llm_lib.checkpoints import from_pretrained
from llm_lib.gpt_config import GPTConfig
from llm_lib.storyteller_proof import FILE, main
from llm_lib.widgets import models, modules
from llm_lib.widgets.base import BookWidget

pytestmark = pytest.mark.browser

SMALL = GPTConfig(vocab_size=300, block_size=32, n_layer=2, n_head=2, n_embd=24)
IDS = [299, 1, 72, 105, 299]
SCORES = "({ gpt }) => Array.from(gpt.reader().readNow([299, 1, 72, 105, 299]))"
TELLER = """import { loadModel } from "./ui/model.js";
export default { async render({ model, el }) {
  el.append("waiting ");
  const { gpt, tokenizer, proof } = await loadModel(model);
  (globalThis.given ??= []).push(gpt);
  const ids = tokenizer.encodeIds("<|endoftext|>Hi", { allowedSpecial: "all" });
  el.append(`${gpt.config.n_layer} layers, ids ${ids}, proof ${proof?.against ?? "none"}`);
} };
"""
PLAIN = 'export default { render({ el }) { el.append("no model"); } };\n'


class Teller(BookWidget):
    """A figure that needs the trained model."""

    module = "teller"

    def still(self) -> str:
        return "<p>the still form</p>"


class Plain(Teller):
    """A figure that needs none."""

    module = "plain"


@pytest.fixture(autouse=True)
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The book's modules, and two figures of this test."""
    folder = tmp_path / "sources"
    folder.mkdir()
    for name in ("engine", "ui", "runtime"):
        (folder / name).symlink_to(modules.SOURCES / name)
    (folder / "teller.js").write_text(TELLER, "utf-8")
    (folder / "plain.js").write_text(PLAIN, "utf-8")
    monkeypatch.setattr(modules, "SOURCES", folder)
    modules._source.cache_clear()
    yield
    modules._source.cache_clear()


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ``data/`` that holds a small storyteller with its proof."""
    folder = tmp_path / "data" / "storyteller"
    save_folder(folder, SMALL, rounded(random_tensors(SMALL)))
    main(["--model", str(folder)])
    monkeypatch.setattr(models, "data_dir", lambda: folder.parent)
    models.shipped_script.cache_clear()
    yield folder.parent
    models.shipped_script.cache_clear()


@pytest.fixture
def model_folder(data: Path) -> Path:
    return data / "storyteller"


@pytest.fixture
def model_file(data: Path, tmp_path: Path) -> Path:
    file = tmp_path / "model-storyteller.js"
    file.write_text(models.model_script("storyteller", data / "storyteller"), "utf-8")
    return file


@pytest.fixture
def site(tmp_path: Path, data: Path, open_page: Callable[..., Page]) -> Callable[..., Page]:
    """``site(widget, …)`` writes a page as the extension does, with its scripts, and opens it."""
    sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))
    import widgets as extension

    folder = tmp_path / "site"
    app = SimpleNamespace(outdir=str(folder))

    def site(*widgets: BookWidget, server: str = "", settled: int = 1) -> Page:
        mounts = "\n".join(widget.mount_html() for widget in widgets)
        context = {"body": mounts, "pathto": lambda path, resource: f"../{path}"}
        extension.add_scripts(app, "book/page", "page.html", context, None)
        tags = "".join(
            f'<script defer src="{src}"></script>' for src in context["llm_widget_scripts"]
        )
        head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>x</title>'
        head += '<link rel="icon" href="data:,">'
        page = folder / "book" / "page.html"
        page.parent.mkdir(exist_ok=True)
        page.write_text(head + tags + mounts, "utf-8")
        opened = open_page(f"{server}/book/page.html" if server else page.as_uri())
        opened.wait_for_function(
            f"document.querySelectorAll('[data-llm-state]').length >= {settled}"
        )
        opened.scripts = context["llm_widget_scripts"]
        return opened

    yield site
    sys.path.pop(0)
    sys.modules.pop("widgets", None)


def states(page: Page) -> list[str]:
    return page.eval_on_selector_all(
        "[data-llm-widget]", "mounts => mounts.map((mount) => mount.dataset.llmState)"
    )


def expected_logits(data: Path) -> np.ndarray:
    torch.set_num_threads(1)
    with torch.no_grad():
        return from_pretrained(data / "storyteller")(torch.tensor(IDS))[0].flatten().numpy()


@pytest.mark.parametrize("over", ["file", "http"])
def test_the_site_delivers_the_model_once_to_all_figures(site, data, request, over):
    address = request.getfixturevalue("server") if over == "http" else ""
    page = site(Teller(), Plain(), Teller(), server=address, settled=3)
    assert states(page) == ["live"] * 3
    first, second, third = page.locator("[data-llm-widget]").all_text_contents()
    assert first.strip() == third.strip()
    assert first.strip().startswith("waiting 2 layers, ids 299,72,105, proof PyTorch 2")
    assert second.strip() == "no model"
    assert page.evaluate("given[0] === given[1]")
    found = page.evaluate(f"({SCORES})({{ gpt: given[0] }})")
    assert np.abs(np.array(found) - expected_logits(data)).max() < 1e-4
    loads = page.evaluate(
        "performance.getEntriesByType('resource').map(({ name }) => name)"
        ".filter((name) => name.includes('model-storyteller')).length"
    )
    assert loads == (1 if over == "http" else loads)
    assert (page.witness.errors, page.witness.strangers) == ([], [])


def test_a_page_without_such_a_figure_hears_nothing_of_the_model(site, tmp_path):
    page = site(Plain())
    assert not any("model" in script for script in page.scripts)
    assert not list((tmp_path / "site").rglob("model*"))
    site(Teller())
    assert [file.name.split(".")[0] for file in sorted((tmp_path / "site").rglob("model*"))] == [
        "model-storyteller",
        "models",
    ]


def test_the_model_is_no_script_of_the_page_before_a_figure_asks(site):
    page = site(Teller())
    assert sum("models." in script for script in page.scripts) == 1
    assert not any("model-storyteller" in script for script in page.scripts)
    assert page.evaluate("document.querySelectorAll('script[src*=model-]').length") == 0


def test_the_still_form_stays_until_the_model_is_there(site):
    page = site(Plain())  # only to have the scripts' folder
    page = site(Teller(), settled=0)
    text = page.locator("[data-llm-widget]")
    expect(text).to_have_attribute("data-llm-state", "live")
    expect(text).not_to_contain_text("the still form")
    seen = page.evaluate(
        """async () => {
          const mount = document.createElement("div");
          Object.assign(mount.dataset, { llmWidget: "slow", llmProps: "{}" });
          mount.append("still");
          document.body.append(mount);
          let go;
          const gate = new Promise((resolve) => (go = resolve));
          llmBook.define("slow.js@1", [], (exports) => { exports.default = {
            async render({ el }) { el.append("begun "); await gate; el.append("done"); } }; });
          const host = document.querySelector('script[src*="host."]');
          const again = document.createElement("script");
          again.src = host.src;
          document.querySelector("[data-llm-widget=teller]").remove();
          const wait = () => new Promise((resolve) => setTimeout(resolve, 100));
          document.head.append(again);
          while (!mount.querySelector(".llm-stage")) await wait();
          const before = mount.textContent;
          go();
          while (mount.dataset.llmState !== "live") await wait();
          return [before, mount.textContent];
        }"""
    )
    assert seen == ["begun still", "begun done"]


def test_weights_arrive_as_they_were_saved(data, model_file, mount):
    page = mount(Teller(), model_file=model_file)
    payload = models.page_model(data / "storyteller")
    assert payload["config"] == {
        "vocab_size": 300,
        "block_size": 32,
        "n_layer": 2,
        "n_head": 2,
        "n_embd": 24,
        "norm_eps": 1e-5,
    }
    found = page.evaluate(f"({SCORES})({{ gpt: given[0] }})")
    assert np.abs(np.array(found) - expected_logits(data)).max() < 1e-4
    proof = page.evaluate("llmBook.model('storyteller').payload.proof")
    assert proof == json.loads((data / "storyteller" / FILE).read_text("utf-8"))


@pytest.mark.parametrize("prefixed", [True, False])
def test_both_ways_to_name_tensors_and_half_precision_are_read(tmp_path, prefixed):
    from safetensors.numpy import save_file

    tensors = rounded(random_tensors(SMALL))
    folder = save_folder(tmp_path / "model", SMALL, tensors)
    names = {f"transformer.{name}" if prefixed else name: v for name, v in tensors.items()}
    halves = {name: values.astype(np.float16) for name, values in names.items()}
    halves["lm_head.weight"] = halves["transformer.wte.weight" if prefixed else "wte.weight"]
    halves["transformer.h.0.attn.bias"] = np.ones((1, 1, 32, 32), np.float16)  # a mask
    save_file(halves, folder / "model.safetensors")
    assert [tensor["name"] for tensor in models.page_model(folder)["tensors"]] == list(tensors)


def test_the_storytellers_size_travels_in_two_megabytes(tmp_path):
    config = GPTConfig.from_name("storyteller")
    folder = save_folder(tmp_path / "model", config, random_tensors(config))
    main(["--model", str(folder)])
    assert (folder / FILE).stat().st_size < 40_000
    assert len(models.model_script("storyteller", folder)) < 2_000_000


def change_a_weight(text: str) -> str:
    at = text.index('"data":"') + len('"data":"')
    return text[:at] + ("B" if text[at] == "A" else "A") + text[at + 1 :]


DAMAGES = {
    "no such script": None,
    "cut short": lambda text: text[: len(text) // 2],
    "another server's page": lambda text: "<!doctype html>",
    "a changed weight": lambda text: change_a_weight(text),
    "a lost tensor": lambda text: text.replace('"name":"wpe.weight"', '"name":"wpf.weight"', 1),
    "no tensors": lambda text: 'llmBook.defineModel("storyteller", {"config": null});',
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_model_that_did_not_arrive_leaves_the_still_form(mount, model_file, damage):
    if DAMAGES[damage] is None:
        model_file.unlink()
    else:
        model_file.write_text(DAMAGES[damage](model_file.read_text("utf-8")), "utf-8")
    page = mount(Teller(), model_file=model_file)
    expect(page.get_by_text("the still form")).to_be_visible()
    expect(page.get_by_text("waiting")).to_have_count(0)
    message = page.get_by_role("status").inner_text()
    assert "could not start" in message
    assert "reload the page" in message or "reload" in message.lower()
    assert page.witness.strangers == []


def test_a_figure_that_asks_again_gets_the_model_after_all(mount, model_file, data):
    text = model_file.read_text("utf-8")
    model_file.unlink()
    page = mount(Teller(), model_file=model_file)
    assert states(page) == ["broken"]
    model_file.write_text(text, "utf-8")
    layers = page.evaluate(
        """async () => {
          const el = document.createElement("div");
          await llmBook.widget("teller").render({ model: { get() {} }, el });
          return el.textContent;
        }"""
    )
    assert "2 layers" in layers


def test_a_page_that_was_built_without_the_model_says_so(site, data, monkeypatch):
    monkeypatch.setattr(models, "model_names", lambda: ())
    page = site(Teller())
    assert states(page) == ["broken"]
    assert "does not carry the model" in page.get_by_role("status").inner_text()


def test_a_live_kernel_sends_the_model_on_request(kernel, data):
    page = kernel(Teller())
    expect(page.locator("main")).to_contain_text("2 layers, ids 299,72,105")
    found = page.evaluate(f"({SCORES})({{ gpt: given[0] }})")
    assert np.abs(np.array(found) - expected_logits(data)).max() < 1e-4
    page.evaluate(
        """async () => {
          const silent = { send() { throw new Error("asked twice"); }, on() {}, off() {} };
          await llmBook.widget("teller").render(
            { model: silent, el: document.createElement("div") });
        }"""
    )
    assert page.evaluate("given[0] === given[1]")
    assert page.evaluate("model.heard['msg:custom']") == []


def test_a_kernel_without_the_model_says_what_to_do(kernel, data, model_file):
    (data / "storyteller" / "model.safetensors").unlink()
    with pytest.raises(Error, match="holds no model “storyteller”"):
        kernel(Teller())


def test_a_kernel_that_cannot_read_the_model_says_so(kernel, data, model_file):
    (data / "storyteller" / "model.safetensors").write_bytes(b"\x80\x04 not a safetensors file")
    with pytest.raises(Error, match="its files cannot be read"):
        kernel(Teller())


GONE = """async (send) => {
  const el = document.createElement("div");
  const real = setTimeout;
  globalThis.setTimeout = (action, delay, ...rest) => real(action, delay / 1000, ...rest);
  const model = { get() {}, on() {}, off() {}, send: send ? () => {} : () => { throw 1; } };
  const url = URL.createObjectURL(new Blob([globalThis.bundle], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  await widget.render({ model, el, signal: new AbortController().signal });
  return el.textContent;
}"""


@pytest.mark.parametrize("send", [True, False])
def test_a_kernel_that_is_gone_is_named_in_the_figure(open_page, data, send):
    page = open_page("about:blank")
    page.evaluate("(bundle) => { globalThis.bundle = bundle; }", modules.bundle("teller.js"))
    text = page.evaluate(GONE, send)
    assert text.startswith("This figure could not start: the kernel does not answer: run this cell")


class TestPython:
    def test_only_requests_for_a_model_are_answered(self, data):
        for message in (None, "llm:model", {}, {"type": "other"}, ["llm:model"]):
            assert models.answer(message) is None
        reply = models.answer({"type": "llm:model", "name": "storyteller"})
        assert reply["payload"]["config"]["n_layer"] == 2

    def test_a_page_cannot_ask_for_other_folders(self, data):
        for name in ("../data/storyteller", "", None, 7, "/etc", ["storyteller"]):
            reply = models.answer({"type": "llm:model", "name": name})
            assert "holds no model" in reply["error"] and "payload" not in reply

    def test_the_answer_is_json(self, data):
        reply = models.answer({"type": "llm:model", "name": "storyteller"})
        assert json.loads(json.dumps(reply, allow_nan=False)) == reply

    def test_names_are_those_of_folders_with_weights(self, data):
        (data / "empty").mkdir()
        assert models.model_names() == ("storyteller",)

    @pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
    def test_a_missing_file_is_named(self, data, name):
        (data / "storyteller" / name).unlink()
        with pytest.raises(FileNotFoundError, match=name):
            models.page_model(data / "storyteller")

    def test_weights_that_do_not_fit_are_refused(self, tmp_path):
        tensors = random_tensors(SMALL)
        tensors["wpe.weight"] = tensors["wpe.weight"][1:]
        folder = save_folder(tmp_path / "one", SMALL, tensors)
        with pytest.raises(ValueError, match=r"wpe\.weight needs shape \(32, 24\); found shape"):
            models.page_model(folder)
        del tensors["wpe.weight"]
        folder = save_folder(tmp_path / "two", SMALL, tensors)
        with pytest.raises(ValueError, match=r"wpe\.weight needs shape .* found nothing"):
            models.page_model(folder)

    @pytest.mark.parametrize("name", ["wte.weight", "ln_f.bias"])
    def test_weights_that_are_not_numbers_are_refused(self, tmp_path, name):
        tensors = random_tensors(SMALL)
        tensors[name].flat[3] = np.nan
        folder = save_folder(tmp_path / "one", SMALL, tensors)
        with pytest.raises(ValueError, match="NaN"):
            models.page_model(folder)

    def test_the_model_is_packed_without_torch(self, data):
        code = (
            "import sys; sys.modules['torch'] = None\n"
            "from llm_lib.widgets import models\n"
            f"print(len(models.model_script('x', {str(data / 'storyteller')!r})))"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert int(done.stdout) > 1000, done.stderr

    def test_a_name_cannot_leave_its_script(self):
        script = models.address_script({'a"</script>': "x.js"})
        assert html.escape(script) and '"a\\"' in script
