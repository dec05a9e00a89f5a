"""From opening the page to a model that paints and to the first picture, on two cores, for built pages side by side;
no card.

usage: opening.py OUT [--models MODELS] [--visits 7] [--cores 0,1] [--trace] PAGE ...
  PAGE    a built page (`npx vite build --outDir PAGE`); its models may stay behind
  CHROME  in the environment, as for run.py. Each visit has a browser of its own with nothing kept; pages take turns.
          The server has other cores.
"""
import argparse
import json
import os
import statistics
import time

from run import Chromium, serve

PATIENCE = 120
# Runs before the page's own scripts: notes when the engine starts and when it first says what.
LISTEN = """
  globalThis.marks = {};
  const note = (mark) => { marks[mark] ??= performance.now(); };
  globalThis.Worker = class extends Worker {
    constructor(...args) {
      super(...args);
      note('worker started');
      this.addEventListener('message', ({ data }) => {
        if (data.event) note(data.event.stage ?? data.event.type);
        if (data.ok && data.method === 'load') note('ready');
      });
    }
  };
"""
# Two steps of "a red apple", as a person asks for them. React hears of a value by its event.
FILL = """
  const steps = [...document.querySelectorAll('input')].find(({ labels }) => [...(labels ?? [])].some((label) => label.textContent.trim() === 'Steps'));
  for (const [field, value] of [[document.querySelector('textarea'), 'a red apple'], [steps, '2']]) {
    if (!field) throw new Error(`no field for ${value}: ${document.body.innerText.slice(0, 300)}`);
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').set.call(field, value);
    for (const type of ['input', 'change', 'focusout']) field.dispatchEvent(new Event(type, { bubbles: true }));
  }
"""
GENERATE = "asked = performance.now(); [...document.querySelectorAll('button')].find((button) => button.textContent.trim().startsWith('Generate')).click()"


class Visitor(Chromium):
    def ready(self):
        return True

    def wait_for(self, mark):
        until = time.time() + PATIENCE
        while time.time() < until:
            if (found := self.evaluate("globalThis.marks")).get(mark):
                return found
            time.sleep(0.05)
        raise TimeoutError(f"{mark}: not within {PATIENCE} s; so far {found}")


def visit(address, cores, trace):
    flags = ["--window-size=1280,800"]
    flags += ["--trace-startup=devtools.timeline,v8,v8.wasm,loading,blink.user_timing,disabled-by-default-v8.compile,disabled-by-default-v8.wasm.detailed", f"--trace-startup-file={trace}", "--trace-startup-duration=7", "--trace-startup-format=json"] if trace else []
    everywhere = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)  # the browser's processes take it over
    browser = Visitor("about:blank", flags, time.time() + PATIENCE)
    os.sched_setaffinity(0, everywhere)
    try:
        browser.page("Page.enable")
        browser.page("Page.addScriptToEvaluateOnNewDocument", source=LISTEN)
        browser.page("Page.navigate", url=address)
        while not browser.evaluate("'marks' in globalThis"):
            time.sleep(0.05)
        browser.wait_for("ready")
        worked = sum(info["cpuTime"] for info in browser.call("SystemInfo.getProcessInfo")["processInfo"])
        browser.evaluate(FILL)
        time.sleep(0.05)
        browser.evaluate(GENERATE)
        marks = browser.wait_for("picture")
        if trace:
            time.sleep(8)
        asked = browser.evaluate("asked")
        seen = browser.evaluate("({ cores: navigator.hardwareConcurrency, isolated: +crossOriginIsolated, MB: Math.round(performance.getEntriesByType('resource').reduce((sum, entry) => sum + entry.encodedBodySize, 0) / 1e6) })")
        openings = browser.evaluate("easel.statistics().then(({ openings }) => openings)")
        return {**marks, "picture, after asking for it": marks["picture"] - asked, "picture, asked for when ready": marks["ready"] + marks["picture"] - asked, "until ready, of all processors": 1000 * worked, **seen}, openings
    finally:
        browser.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("pages", nargs="+")
    parser.add_argument("--models", default="models")
    parser.add_argument("--visits", type=int, default=7)
    parser.add_argument("--cores", default="0,1")
    parser.add_argument("--trace", action="store_true", help="of each page's first visit, which then does not count")
    args = parser.parse_args()
    cores = {int(core) for core in args.cores.split(",")}
    os.sched_setaffinity(0, os.sched_getaffinity(0) - cores or cores)
    addresses = [serve({"": page, "models": args.models}) for page in args.pages]
    visits = {page: [] for page in args.pages}
    result = dict(suite="opening", what=f"medians of {args.visits} first visits on {len(cores)} cores, ms from asking for the page (least, most)", pages={})
    for turn in range(-1 if args.trace else 0, args.visits):
        for page, address in zip(args.pages, addresses):
            seen, openings = visit(address, cores, f"/tmp/{os.path.basename(page)}.trace.json" if turn < 0 else None)
            result["pages"].setdefault(page, {})["openings"] = openings
            if turn >= 0:
                visits[page].append(seen)
    for page, seen in visits.items():
        for mark in seen[0] if seen else ():
            times = [one[mark] for one in seen if mark in one]
            result["pages"][page][mark] = f"{statistics.median(times):.0f} ({min(times):.0f}, {max(times):.0f})"
    with open(f"{args.out}/opening.json", "w") as file:
        json.dump(result, file, indent=1)
    print(json.dumps(result, indent=1), flush=True)


if __name__ == "__main__":
    main()
