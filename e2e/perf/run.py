"""Runs suites of the page in a headless Chromium, each in a browser of its own; one JSON file a suite.

usage: run.py SITE WORK OUT [--models MODELS] [--device webgpu|wasm] [--kernels auto|own|onnxruntime] [--tiny] [--once] [--steps N] [--situations GIB:SIDE,...] [--timeout SECONDS] [--flag=--chromium-flag ...] SUITE ...
  SITE    the built page (README.md); WORK what prepare.py made, and what stays on the machine; OUT what is kept
  CHROME  in the environment: the browser. Nothing but Python's own modules and numpy is needed: Chromium is driven by its debugging pipe.
"""
import argparse
import glob
import http.server
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import zipfile

# WebGPU on an NVIDIA card through Vulkan, in float16; see the README for the driver's variables.
GPU_FLAGS = "--enable-features=Vulkan,WebGPU --use-vulkan=native --use-angle=vulkan --ignore-gpu-blocklist --disable-vulkan-surface --disable-gpu-sandbox --enable-dawn-features=vulkan_enable_f16_on_nvidia,allow_unsafe_apis".split()
QUIET = "--headless --no-sandbox --enable-unsafe-webgpu --disable-background-networking --disable-component-update --disable-sync --no-first-run --disable-dev-shm-usage --js-flags=--max-old-space-size=16000 --remote-debugging-pipe".split()
FILES = dict(sd15=["sd15"], sdxl=["sdxl"], swaps=["sd15"], lora=["sd15"], upscale=["sd15"], peaks=["sd15", "sdxl"], shortage=["sd15"])
MORE_FLAGS = dict(profile=["--disable-dawn-features=timestamp_quantization"])
PACK_BYTES = 15_000_000


def serve(roots):
    """Folders by the first part of the address, isolated as the real page is; what is POSTed to /out and /work is written there."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript", ".wasm": "application/wasm"}

        def translate_path(self, path):
            first, _, rest = path.split("?")[0].lstrip("/").partition("/")
            return os.path.join(roots[first], rest) if first in roots else os.path.join(roots[""], first, rest).rstrip("/")

        def end_headers(self):
            self.send_header("Cross-Origin-Opener-Policy", "same-origin")
            self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
            super().end_headers()

        def do_GET(self):
            if self.path == "/card-megabytes":
                self.answer(str(card_megabytes() or 0).encode())
            elif self.path == "/card-peak":
                self.answer(str(CARD.take_peak()).encode())
            elif self.path.startswith("/leave-free/"):
                self.answer(json.dumps(HOG.leave(self.path[len("/leave-free/") :])).encode())
            elif self.path.startswith("/parity/"):
                self.answer(recorded(roots["parity"], self.path[len("/parity/") :]))
            else:
                super().do_GET()

        def answer(self, answer):
            self.send_response(200 if answer is not None else 404)
            answer = answer or b""
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def do_POST(self):
            with open(self.translate_path(self.path), "wb") as file:
                file.write(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def recorded(folder, asked):
    """A folder of reference outputs as src/cli/parity/serve-files.ts offers it: `list`, or `file/PATH?start=A&end=B`; None
    where it has none."""
    url = urllib.parse.urlparse(asked)
    if url.path == "list" and os.path.isdir(folder):
        paths = [os.path.relpath(path, folder) for path in glob.glob(f"{folder}/**", recursive=True) if os.path.isfile(path)]
        return json.dumps(dict(name=os.path.basename(folder), sizes={path: os.path.getsize(f"{folder}/{path}") for path in paths})).encode()
    path = os.path.join(folder, urllib.parse.unquote(url.path[len("file/") :]))
    if not os.path.isfile(path):
        return None
    start, end = (int(urllib.parse.parse_qs(url.query)[edge][0]) for edge in ("start", "end"))
    with open(path, "rb") as file:
        file.seek(start)
        return file.read(end - start)


class Chromium:
    """A browser with one page, spoken to in Chrome's DevTools protocol: messages of JSON that end with a zero byte."""

    def __init__(self, address, flags, deadline):
        self.deadline, self.last, self.answers = deadline, 0, queue.Queue()
        (there, self.to), (self.back, here) = os.pipe(), os.pipe()
        command = [os.environ.get("CHROME", "chromium"), *QUIET, *flags, f"--user-data-dir={tempfile.mkdtemp()}"]
        self.process = subprocess.Popen(["bash", "-c", f'exec "$@" 3<&{there} 4>&{here}', "bash", *command], pass_fds=(there, here), stdout=subprocess.DEVNULL, stderr=open("/tmp/chromium.log", "w"))
        os.close(there), os.close(here)
        threading.Thread(target=self.listen, daemon=True).start()
        target = self.call("Target.createTarget", url=address)["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.page("Runtime.enable")
        while not self.ready():
            time.sleep(0.1)

    def listen(self):
        buffer = b""
        while part := os.read(self.back, 1 << 20):
            *messages, buffer = (buffer + part).split(b"\0")
            for message in map(json.loads, messages):
                if "id" in message:
                    self.answers.put(message)
                elif message["method"] == "Runtime.consoleAPICalled":
                    print("[page]", *[a.get("value", a.get("description")) for a in message["params"]["args"]], flush=True)
                elif message["method"] == "Runtime.exceptionThrown":
                    print("[page]", message["params"]["exceptionDetails"].get("exception", {}).get("description"), flush=True)
        self.answers.put(dict(id=-1, error=dict(message="the browser has gone; see /tmp/chromium.log")))

    def call(self, method, session=None, **params):
        self.last += 1
        os.write(self.to, json.dumps(dict(id=self.last, method=method, params=params, **({"sessionId": session} if session else {}))).encode() + b"\0")
        try:
            answer = self.answers.get(timeout=max(1, self.deadline - time.time()))
        except queue.Empty:
            raise TimeoutError(f"{method}: no answer in the time it had") from None
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def ready(self):
        try:
            return self.evaluate("'perf' in window")
        except RuntimeError:  # it is still on its way to the address
            return False

    def page(self, method, **params):
        return self.call(method, self.session, **params)

    def evaluate(self, expression):
        answer = self.page("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"].get("description", "the page failed"))
        return answer["result"].get("value")

    def give_files(self, paths):
        root = self.page("DOM.getDocument")["root"]["nodeId"]
        node = self.page("DOM.querySelector", nodeId=root, selector="#files")["nodeId"]
        self.page("DOM.setFileInputFiles", nodeId=node, files=[os.path.abspath(path) for path in paths])

    def peak_megabytes(self):
        """The most memory that each of the browser's processes had."""
        peaks = {}
        for info in self.call("SystemInfo.getProcessInfo")["processInfo"]:
            with open(f"/proc/{info['id']}/status") as status:
                peak = next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))
            peaks[info["type"]] = max(peak, peaks.get(info["type"], 0))
        return peaks

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
        os.close(self.to)


def card_megabytes():
    """What the driver counts as taken of the first card, which is Chromium's; None without nvidia-smi."""
    if not shutil.which("nvidia-smi"):
        return None
    return int(subprocess.check_output(["nvidia-smi", "--id=0", "--query-gpu=memory.used", "--format=csv,noheader,nounits"], text=True).split()[0])


class CardMemory:
    """What the card's driver counts as taken, twenty times a second: the most above what was taken before, and the most
    of a while. None and 0 without nvidia-smi."""

    peak, before, last, most, program = None, None, 0, 0, None

    def __enter__(self):
        self.peak, self.before = None, card_megabytes()
        if self.before is not None:
            self.peak = 0
            # Line by line also into a pipe.
            command = ["stdbuf", "-oL", "nvidia-smi", "--id=0", "--query-gpu=memory.used", "--format=csv,noheader,nounits", "--loop-ms=50"]
            self.program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            threading.Thread(target=self.watch, daemon=True).start()
        return self

    def __exit__(self, *_):
        if self.program:
            self.program.kill()
            self.program.wait()
            self.program = None

    def watch(self):
        for line in self.program.stdout:
            self.last = int(line.split()[0])
            self.most = max(self.most, self.last)
            self.peak = max(self.peak, self.last - self.before)

    def take_peak(self):
        """The most since it was asked last."""
        peak, self.most = self.most, self.last
        return peak


class Hog:
    """Another program that takes the card's memory (hog.py)."""

    program = None

    def leave(self, gib):
        """Has it leave so many GiB free; with "" it ends. Gives what it says, None where there is no card to take."""
        if self.program:
            self.program.communicate()
            self.program = None
        if gib == "" or not shutil.which("nvidia-smi"):
            return None
        command = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "hog.py"), gib]
        self.program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return json.loads(self.program.stdout.readline())


CARD, HOG = CardMemory(), Hog()


def pack_pictures(work, out):
    """Pictures left by the suite `prompts`: one .npy a name for the judge, and zip files of PNGs that are small enough to come back."""
    import numpy as np

    names = {os.path.basename(path)[: -len("-0000.rgb")] for path in glob.glob(f"{work}/*-0000.rgb")}
    for name in names:
        files = sorted(glob.glob(f"{work}/{name}-????.rgb"))
        pictures = np.stack([np.fromfile(path, np.uint8) for path in files])
        side = int((pictures.shape[1] / 3) ** 0.5)
        np.save(f"{work}/{name}.npy", pictures.reshape(len(files), side, side, 3))
        parts = [[]]
        for path in sorted(glob.glob(f"{work}/{name}-????.png")):
            if sum(map(os.path.getsize, parts[-1])) + os.path.getsize(path) > PACK_BYTES:
                parts.append([])
            parts[-1].append(path)
        for number, paths in enumerate(parts, 1):
            with zipfile.ZipFile(f"{out}/{name}-{number}.zip", "w") as pack:
                for path in paths:
                    pack.write(path, os.path.basename(path))


def run(args, address, suite):
    browser = Chromium(f"{address}gpu.html", [] if args.device == "wasm" else [*(args.flag or GPU_FLAGS), *MORE_FLAGS.get(suite, [])], time.time() + args.timeout)
    try:
        if suite in FILES:
            browser.give_files([f"{args.work}/{name}.safetensors" for name in FILES[suite]])
        options = json.dumps(dict(device=args.device, kernels=args.kernels, tiny=args.tiny, once=args.once, **({"steps": args.steps} if args.steps else {}), **({"situations": args.situations} if args.situations else {})))
        with CARD:
            result = browser.evaluate(f"perf('{suite}', {options})")
        result["peakMegabytes"] = browser.peak_megabytes()
        result["peakCardMegabytes"] = CARD.peak
        return result
    finally:
        browser.close()
        HOG.leave("")


def main():
    parser = argparse.ArgumentParser()
    for name in ("site", "work", "out"):
        parser.add_argument(name)
    parser.add_argument("suites", nargs="+")
    parser.add_argument("--models", default="models")
    parser.add_argument("--parity", default="parity", help="reference outputs for `layers`, as src/model/fixtures/sd15")
    parser.add_argument("--device", default="webgpu", choices=("webgpu", "wasm"))
    parser.add_argument("--kernels", default="auto", choices=("auto", "own", "onnxruntime"))
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--once", action="store_true", help="sd15, sdxl: one picture, not opened again")
    parser.add_argument("--steps", type=int, help="of sd15's and sdxl's pictures")
    parser.add_argument("--situations", help="of shortage: what is left free of the card, in GiB, and the side of the picture, as in 12:512,3.6:512")
    parser.add_argument("--timeout", type=float, default=300, help="seconds a suite may take")
    parser.add_argument("--flag", action="append", help="of Chromium's, in place of those for an NVIDIA card")
    args = parser.parse_args()
    for folder in (args.work, args.out):
        os.makedirs(folder, exist_ok=True)
    address = serve({"": args.site, "models": args.models, "prepared": args.work, "work": args.work, "out": args.out, "parity": args.parity})
    failed = 0
    for suite in args.suites:
        try:
            result = run(args, address, suite)
            if suite == "prompts":
                pack_pictures(args.work, args.out)
        except Exception as error:  # the suites after it still run
            result, failed = dict(suite=suite, failed=str(error)), failed + 1
        with open(f"{args.out}/{suite}.json", "w") as file:
            json.dump(result, file, indent=1)
        print(json.dumps(result), flush=True)
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
