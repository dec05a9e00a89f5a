"""What every stage shares: the configuration, the log, the device, checkpoints and the learning rate."""
import contextlib
import copy
import math
import os
import shutil
import sys
import time
import tomllib

import torch
import torch.distributed as dist

START = time.time()
HERE = os.path.dirname(os.path.abspath(__file__))


def log(*words):
    print(f"[{time.time() - START:7.1f}]", *words, flush=True)


def load_config(path=None, words=None):
    """config.toml beside this file, with `--set section.key=value` from the command line on top.

    Relative names of files are taken from this folder, those given by `--set` from where the command runs.
    """
    with open(path or os.path.join(HERE, "config.toml"), "rb") as f:
        config = tomllib.load(f)
    for part, key in (("paths", "sprites"), ("paths", "packed"), ("paths", "out"), ("paths", "start"), ("data", "held_out")):
        config[part][key] = os.path.join(HERE, config[part][key])
    words = sys.argv if words is None else words
    for i, word in enumerate(words):
        if word == "--set":
            name, value = words[i + 1].split("=", 1)
            section, key = name.split(".")
            if key not in config[section]:
                raise SystemExit(f"{name} is not in config.toml.")
            config[section][key] = tomllib.loads(f"v = {value}")["v"] if not isinstance(config[section][key], str) else value
    os.makedirs(config["paths"]["out"], exist_ok=True)
    return config


def newest(config, part):
    """Where a part of the model stands: this run's, the committed checkpoint, or the bundle a first run starts from; None if nowhere."""
    for folder in (config["paths"]["out"], os.path.join(HERE, "checkpoints"), config["paths"]["start"]):
        if folder and os.path.exists(os.path.join(folder, part)):
            return os.path.join(folder, part)
    return None


def put(config, part, module):
    """Writes a part of the model, half precision, in place of the one before."""
    path = f"{config['paths']['out']}/{part}"
    copy.deepcopy(module).half().save_pretrained(f"{path}.part")
    shutil.rmtree(path, ignore_errors=True)
    os.rename(f"{path}.part", path)


# ---- the device


def ranks():
    """(this process's number, how many there are) under torchrun; (0, 1) without."""
    return int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))


def open_device():
    """The GPU of this process, in its group where there are several; the CPU where there is no GPU (for rehearsals)."""
    rank, world = ranks()
    if torch.cuda.is_available():
        torch.cuda.set_device(rank)
        torch.backends.cudnn.benchmark = torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    if world > 1:
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    return f"cuda:{rank}" if torch.cuda.is_available() else "cpu"


def mixed(device):
    """bfloat16 where it is fast; float32 on the CPU."""
    return torch.autocast("cuda", torch.bfloat16) if "cuda" in str(device) else contextlib.nullcontext()


def layout(device):
    """The order of numbers in memory that convolutions like best; old CPU builds break off in the backward pass of channels last."""
    return torch.channels_last if "cuda" in str(device) else torch.contiguous_format


def adamw(groups, device, **options):
    return torch.optim.AdamW(groups, **options, **({"fused": True} if "cuda" in str(device) else {}))


def compiled(function, wanted):
    return torch.compile(function, dynamic=False) if wanted and torch.cuda.is_available() else function


@torch.no_grad()
def average(averages, parameters, decay):
    """The exponential moving average, in place."""
    torch._foreach_mul_(averages, decay)
    torch._foreach_add_(averages, [p.data for p in parameters], alpha=1 - decay)


# ---- time


class Clock:
    """Share of a time budget that is spent; it starts after the first step, so that compiling does not count."""

    def __init__(self, seconds):
        self.seconds, self.start, self.before = seconds, None, 0.0

    def spent(self):
        return self.before + (0.0 if self.start is None else time.time() - self.start)

    def share(self):
        return min(1.0, self.spent() / self.seconds)

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


# ---- a stage that breaks off goes on


class State:
    """A stage's whole state in runs/NAME.state: weights, averages, optimizers, steps and seconds spent.

    @param parts whatever has `state_dict`, by name.
    """

    def __init__(self, config, name, clock, every=60, **parts):
        self.path, self.clock, self.every, self.parts = f"{config['paths']['out']}/{name}.state", clock, every, parts
        self.saved = time.time()

    def load(self):
        """Goes on from the file if there is one. @returns steps done."""
        if not os.path.exists(self.path):
            return 0
        held = torch.load(self.path, map_location="cpu")
        for name, part in self.parts.items():
            part.load_state_dict(held[name])
        self.clock.before = held["spent"]
        log(f"goes on from {self.path}: {held['step']} steps, {held['spent']:.0f} s")
        return held["step"]

    def due(self):
        return time.time() - self.saved > self.every

    def save(self, step):
        torch.save({"step": step, "spent": self.clock.spent(), **{name: part.state_dict() for name, part in self.parts.items()}}, f"{self.path}.part")
        os.replace(f"{self.path}.part", self.path)
        self.saved = time.time()

    def end(self):
        """The stage is done: the next run of it starts anew, from what it wrote."""
        if os.path.exists(self.path):
            os.remove(self.path)
