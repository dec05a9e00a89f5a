"""What every stage shares: the configuration, the log, checkpoints and the learning rate."""
import math
import os
import sys
import time
import tomllib

START = time.time()


def log(*words):
    print(f"[{time.time() - START:7.1f}]", *words, flush=True)


def load_config(path=None):
    """config.toml beside this file, with `--set section.key=value` from the command line on top."""
    folder = os.path.dirname(os.path.abspath(__file__))
    with open(path or os.path.join(folder, "config.toml"), "rb") as f:
        config = tomllib.load(f)
    for i, word in enumerate(sys.argv):
        if word == "--set":
            name, value = sys.argv[i + 1].split("=", 1)
            section, key = name.split(".")
            if key not in config[section]:
                raise SystemExit(f"{name} is not in config.toml.")
            config[section][key] = tomllib.loads(f"v = {value}")["v"] if not isinstance(config[section][key], str) else value
    return config


def newest(config, part):
    """Where a part of the model stands: this run's, the committed checkpoint, or the bundle a first run starts from; None if nowhere."""
    here = os.path.dirname(os.path.abspath(__file__))
    for folder in (config["paths"]["out"], os.path.join(here, "checkpoints"), config["paths"]["start"]):
        if folder and os.path.exists(os.path.join(folder, part)):
            return os.path.join(folder, part)
    return None


class Clock:
    """Share of a time budget that is spent; it starts after the first step, so that compiling does not count."""

    def __init__(self, seconds):
        self.seconds, self.start = seconds, None

    def share(self):
        return 0.0 if self.start is None else min(1.0, (time.time() - self.start) / self.seconds)

    def begin(self):
        self.start = self.start or time.time()

    def rate(self, count):
        return count / max(1e-9, time.time() - (self.start or time.time()))


def cosine(share, step, warmup, hold=0.0, floor=0.02):
    """Learning-rate factor: a linear warm-up in steps, constant for `hold` of the budget, then a cosine down to `floor`."""
    if share > hold:
        down = 0.5 * (1 + math.cos(math.pi * min(1.0, (share - hold) / (1 - hold))))
    else:
        down = 1.0
    return min(1.0, (step + 1) / warmup) * (down * (1 - floor) + floor)
