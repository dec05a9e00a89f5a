"""The judge: names the things, their relation and colour, the style and the background of a picture.

It is trained on composites of its own seeds and shares nothing with the painter.
`python judge.py` trains it. `python judge.py read PICTURES` reads pictures painted for test-prompts.json: an npy of n x 256 x 256 x 3
bytes in the prompts' order, or a folder of SEED.png. Beside each figure stands what it says of real composites of the same prompts.
"""
import hashlib
import json
import os
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file, save_file

from common import HERE, Clock, State, adamw, cosine, layout, load_config, log, mixed, newest, open_device
from scenes import PAINTS, PLACE_NAMES, RELATIONS, STYLES, Renderer, Scene, SceneSampler, Sprites, Thing, stream

GRID, THINGS = 16, 4
STYLE_NAMES, COLOUR_NAMES = list(STYLES), ["own", *PAINTS]


class Block(nn.Module):
    def __init__(self, a, b, stride=1):
        super().__init__()
        self.one = nn.Conv2d(a, b, 3, stride, 1, bias=False)
        self.two = nn.Conv2d(b, b, 3, 1, 1, bias=False)
        self.norm_one, self.norm_two = nn.BatchNorm2d(b), nn.BatchNorm2d(b)
        self.skip = nn.Conv2d(a, b, 1, stride, bias=False) if stride > 1 or a != b else nn.Identity()

    def forward(self, x):
        h = self.norm_two(self.two(F.relu(self.norm_one(self.one(x)))))
        return F.relu(h + self.skip(x))


class Judge(nn.Module):
    """Pictures (seen at `pixels`, 128 or 256) to a 16 x 16 grid of features; heads per cell (concept, colour), per pair of cells, per picture."""

    def __init__(self, concepts, widths, pixels):
        super().__init__()
        a, b, c, d = widths
        self.pixels = pixels
        self.body = nn.Sequential(nn.Conv2d(3, a, 5, 2, 2), nn.ReLU(), Block(a, a, pixels // 128), Block(a, b, 2), Block(b, b), Block(b, c, 2), Block(c, c), Block(c, d), Block(d, d))
        self.concept = nn.Conv2d(d, concepts + 1, 1)
        self.colour = nn.Conv2d(d, len(COLOUR_NAMES), 1)
        self.style, self.place = nn.Linear(2 * d, len(STYLES)), nn.Linear(2 * d, len(PLACE_NAMES))
        self.relation = nn.Sequential(nn.Linear(2 * d + 4, 128), nn.ReLU(), nn.Linear(128, len(RELATIONS)))

    def features(self, images):
        return self.body(F.interpolate(images, (self.pixels, self.pixels), mode="area"))

    def pooled(self, grid):
        """The picture's feature vector, 2 x width; the Frechet distance is taken in it."""
        return torch.cat([grid.mean((2, 3)), grid.amax((2, 3))], 1)

    def relate(self, grid, first, second):
        """Relation logits of two cells (flat indices) of each picture."""
        flat = grid.flatten(2).transpose(1, 2)
        rows = torch.arange(len(grid), device=grid.device)
        where = lambda k: torch.stack([k % GRID, k // GRID], 1).to(flat.dtype) / GRID  # noqa: E731
        return self.relation(torch.cat([flat[rows, first], flat[rows, second], where(first), where(second)], 1))


def label(scene, drawn):
    """style, place, relation (-1: none), then concept, cell, colour for each thing in the order named (-1: none)."""
    if scene.relation == "front":
        drawn = drawn[::-1]
    relation = scene.relation
    if relation == "and" and len(drawn) == 2:
        relation = "left" if drawn[0][1][0] < drawn[1][1][0] else "right"
    out = [STYLE_NAMES.index(scene.style), PLACE_NAMES.index(scene.place), RELATIONS.index(relation) if relation in RELATIONS else -1]
    for thing, (x, y, _) in drawn:
        column, row = (int(min(GRID - 1, max(0, v * GRID))) for v in (x, y))
        out += [thing.concept, row * GRID + column, COLOUR_NAMES.index(thing.colour or "own")]
    return np.array(out + [-1] * (3 + 3 * THINGS - len(out)), np.int64)


def losses(judge, images, labels):
    grid = judge.features(images)
    n = len(labels)
    pooled = judge.pooled(grid)
    total = F.cross_entropy(judge.style(pooled).float(), labels[:, 0]) + F.cross_entropy(judge.place(pooled).float(), labels[:, 1])
    concept, colour = judge.concept(grid).flatten(2).float(), judge.colour(grid).flatten(2).float()
    rows = torch.arange(n, device=labels.device)
    things = labels[:, 3:].view(n, THINGS, 3)
    empty = torch.ones(n, GRID * GRID, device=labels.device)
    for k in range(THINGS):
        there = things[:, k, 0] >= 0
        cell = things[:, k, 1].clamp(min=0)
        share = there.float() / there.sum().clamp(min=1) * (there.sum() / n)
        total = total + (F.cross_entropy(concept[rows, :, cell], things[:, k, 0].clamp(min=0), reduction="none") * share).sum()
        total = total + 0.5 * (F.cross_entropy(colour[rows, :, cell], things[:, k, 2].clamp(min=0), reduction="none") * share).sum()
        near = (rows[there, None], (cell[there, None] + torch.tensor([0, 1, -1, GRID, -GRID], device=cell.device)).clamp(0, GRID * GRID - 1))
        empty[near] = 0  # the cells around a thing's centre may say either
    none = concept.shape[1] - 1
    total = total - 0.3 * (F.log_softmax(concept, 1)[:, none] * empty).sum() / empty.sum()
    related = labels[:, 2] >= 0
    cells = things[:, :2, 1].clamp(min=0)
    relation = F.cross_entropy(judge.relate(grid, cells[:, 0], cells[:, 1]).float(), labels[:, 2].clamp(min=0), reduction="none")
    return total + 0.5 * (relation * related).sum() / related.sum().clamp(min=1)


@torch.no_grad()
def read(judge, images, asked):
    """Answers about pictures. `asked`: n x 2 concept numbers (-1: none), whose cells are looked up.

    @returns dict of ranks (concepts by falling score), relation, colour (of the first asked), style, place, features.
    """
    grid = judge.features(images)
    pooled = judge.pooled(grid)
    scores = judge.concept(grid).flatten(2).float().log_softmax(1)[:, :-1]
    rows = torch.arange(len(images), device=images.device)
    cells = [scores[rows, asked[:, k].clamp(min=0)].argmax(1) for k in (0, 1)]
    return {
        "ranks": scores.amax(2).topk(5, 1).indices,
        "relation": judge.relate(grid, *cells).argmax(1),
        "colour": judge.colour(grid).flatten(2)[rows, :, cells[0]].argmax(1),
        "style": judge.style(pooled).argmax(1),
        "place": judge.place(pooled).argmax(1),
        "features": pooled.float(),
    }


def tally(answers, labels):
    """Shares answered right, by question."""
    things = labels[:, 3:].view(len(labels), THINGS, 3)
    one = (things[:, 0, 0] >= 0) & (things[:, 1, 0] < 0)
    two = (labels[:, 2] >= 0)
    hit = lambda k: (answers["ranks"] == things[:, k, 0:1])  # noqa: E731
    mean = lambda x: round(100 * x.float().mean().item(), 1) if len(x) else None  # noqa: E731
    return {
        "single top-1": mean(hit(0)[one, 0]),
        "single top-5": mean(hit(0)[one].any(1)),
        "both of a pair in top-5": mean((hit(0).any(1) & hit(1).any(1))[two]),
        "relation": mean((answers["relation"] == labels[:, 2])[two]),
        "colour": mean((answers["colour"] == things[:, 0, 2])[one & (things[:, 0, 2] > 0)]),
        "style": mean(answers["style"] == labels[:, 0]),
        "background": mean(answers["place"] == labels[:, 1]),
    }


def train(config):
    c, out, device = config["judge"], config["paths"]["out"], open_device()
    torch.manual_seed(71)
    sprites = Sprites(config["paths"]["sprites"])
    render = Renderer(sprites, config["data"]["size"], device, 71)
    judge = Judge(len(sprites.concepts), c["widths"], c["pixels"]).to(device, memory_format=layout(device))
    log("judge", sum(p.numel() for p in judge.parameters()) / 1e6, "M")
    parameters = list(judge.parameters())
    optimizer = adamw(parameters, device, lr=c["rate"], weight_decay=0.02)
    clock = Clock(c["seconds"])
    state = State(config, "judge", clock, judge=judge, optimizer=optimizer)
    step = state.load()
    batches = stream(sprites, config, 71 + step, c["batch"], label)
    while clock.share() < 1:
        for group in optimizer.param_groups:
            group["lr"] = c["rate"] * cosine(clock.share(), step, 200)
        rows, _, labels = next(batches)
        images = render(rows)
        with torch.no_grad():  # painters' pictures are a little soft or grainy
            soft = F.avg_pool2d(F.pad(images, (1, 1, 1, 1), mode="replicate"), 3, 1)
            images = images.lerp(soft, torch.rand(len(images), 1, 1, 1, device=device) * 0.6)
            images = images + torch.randn_like(images) * torch.rand(len(images), 1, 1, 1, device=device) * 0.06
        with mixed(device):
            loss = losses(judge, images.contiguous(memory_format=layout(device)), labels.to(device))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 5.0)
        optimizer.step()
        clock.begin()
        if step % 100 == 0:
            log(f"judge {step} loss {loss.item():.3f} {clock.rate(step * c['batch']):.0f} pictures/s")
        step += 1
        if state.due():
            state.save(step)
    judge.eval()
    save_file({k: v.half().contiguous() if v.is_floating_point() else v for k, v in judge.state_dict().items()}, f"{out}/{c['file']}")
    test(config, load(config, sprites, device), sprites, render, device)
    log("judge steps", step, "sha256", hashlib.sha256(open(f"{out}/{c['file']}", "rb").read()).hexdigest())
    state.end()


def load(config, sprites, device):
    judge = Judge(len(sprites.concepts), config["judge"]["widths"], config["judge"]["pixels"])
    path = newest(config, config["judge"]["file"]) or f"{HERE}/{config['judge']['file']}"
    judge.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in load_file(path).items()})
    return judge.to(device).eval()


@torch.no_grad()
def composites(config, sprites, render, device, seed, count):
    """New composites with their labels, held-out combinations included."""
    sampler = SceneSampler(sprites, {}, seed)
    images, labels = [], []
    for _ in range(count // 250):
        drawn = [sampler.draw() for _ in range(250)]
        images.append(render(torch.from_numpy(np.stack([d[2] for d in drawn]))))
        labels.append(torch.from_numpy(np.stack([label(d[0], d[3]) for d in drawn])))
    return torch.cat(images), torch.cat(labels).to(device)


def test(config, judge, sprites, render, device):
    """The judge's own accuracy on new composites."""
    images, labels = composites(config, sprites, render, device, 999, config["judge"]["reference"])
    parts = [read(judge, x, t[:, 3:].view(-1, THINGS, 3)[:, :2, 0]) for x, t in zip(images.split(500), labels.split(500))]
    answers = {k: torch.cat([p[k] for p in parts]) for k in parts[0]}
    result = tally(answers, labels)
    log("judge on new composites", json.dumps(result))


def frechet(a, b):
    """Frechet distance of two sets of feature vectors, as Gaussians."""
    a, b = a.double().cpu(), b.double().cpu()
    ca, cb = torch.cov(a.T), torch.cov(b.T)
    values = torch.linalg.eigvals(ca @ cb).real.clamp(min=0).sqrt().sum()
    return ((a.mean(0) - b.mean(0)) ** 2).sum().item() + (ca.trace() + cb.trace() - 2 * values).item()


def flatness(images):
    """How flat the ground is: standard deviation, of 255, in 8 x 8 windows along the border; their median, one number a picture."""
    x = (images.float().clamp(-1, 1) + 1) * 127.5
    sides = (x[..., :16, :], x[..., -16:, :], x[..., :16].transpose(2, 3), x[..., -16:].transpose(2, 3))
    return torch.cat([s.unfold(2, 8, 8).unfold(3, 8, 8).std((4, 5)).mean(1).flatten(1) for s in sides], 1).median(1).values


def pictures_of(path, prompts):
    """The painted pictures, -1..1, and their prompts."""
    if path.endswith(".npy"):
        pixels = np.load(path)
        prompts = prompts[: len(pixels)]
    else:
        prompts = [p for p in prompts if os.path.exists(f"{path}/{p['seed']}.png")]
        pixels = np.stack([np.asarray(Image.open(f"{path}/{p['seed']}.png").convert("RGB")) for p in prompts])
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1, prompts


def expected(prompts, sprites):
    """What `label` would say of each prompt's scene; its cells are not known."""
    number = {name: i for i, name in enumerate(sprites.concepts)}
    labels = np.full((len(prompts), 3 + 3 * THINGS), -1, np.int64)
    for row, p in zip(labels, prompts):
        row[:3] = STYLE_NAMES.index(p["style"]), PLACE_NAMES.index(p["place"]), RELATIONS.index(p["relation"]) if "relation" in p else -1
        for k, name in enumerate(p["concepts"]):
            row[3 + 3 * k : 6 + 3 * k] = number[name], 0, COLOUR_NAMES.index(p.get("colour", "own"))
    return torch.from_numpy(labels)


def real(prompts, sprites, render):
    """Composites of the drawings themselves for the same prompts: how well the judge could do at best."""
    sampler = SceneSampler(sprites, {}, 6)
    number = {name: i for i, name in enumerate(sprites.concepts)}

    def scene(p):
        things = [Thing(number[name], sampler.random.choice(sprites.by[p["style"]][number[name]]), p.get("colour", "")) for name in p["concepts"]]
        return Scene(things, p["style"], p["place"], p.get("relation", ""))

    return render(torch.from_numpy(np.stack([sampler.row(scene(p))[0] for p in prompts])))


def questions(judge, images, labels, kinds):
    """The table's figures in per cent, and the features."""
    parts = [read(judge, x, t[:, 3:].view(-1, THINGS, 3)[:, :2, 0]) for x, t in zip(images.split(100), labels.split(100))]
    answers = {k: torch.cat([p[k] for p in parts]) for k in parts[0]}
    result = {}
    for kind, wanted in {"single": ("single top-1", "single top-5"), "pair": ("both of a pair in top-5", "relation"), "place": ("single top-1", "background"),
                         "style": ("single top-1", "style"), "colour": ("single top-1", "colour")}.items():  # fmt: skip
        chosen = torch.from_numpy(np.nonzero(np.array(kinds) == kind)[0]).to(labels.device)
        part = tally({k: v[chosen] for k, v in answers.items()}, labels[chosen])
        result.update({f"{kind}: {k}": part[k] for k in wanted})
    return result, answers["features"]


def report(config, path):
    """Reads painted pictures; writes the table beside them. @returns it: a question -> [painted, real composites]."""
    device = open_device()
    sprites = Sprites(config["paths"]["sprites"])
    judge = load(config, sprites, device)
    images, prompts = pictures_of(path, json.loads(Path(HERE, "test-prompts.json").read_text()))
    images, labels, kinds = images.to(device), expected(prompts, sprites).to(device), [p["kind"] for p in prompts]
    render = Renderer(sprites, config["data"]["size"], device, 5)
    painted, features = questions(judge, images, labels, kinds)
    best, _ = questions(judge, real(prompts, sprites, render), labels, kinds)
    table = {k: [painted[k], best[k]] for k in painted}
    reference = torch.cat([judge.pooled(judge.features(x)) for x in composites(config, sprites, render, device, 999, config["judge"]["reference"])[0].split(100)])
    table["Frechet distance to real composites"] = [round(frechet(features, reference), 1), None]
    plain = torch.from_numpy(np.array([p["place"] == "plain" for p in prompts])).to(device)
    table["flat grounds: local deviation of 255"] = [round(flatness(images[plain]).mean().item(), 2), None]
    print(f"{len(prompts)} pictures: painted, and real composites of the same prompts")
    print("\n".join(f"{name:42} {a!s:>7} {b if b is not None else '':>7}" for name, (a, b) in table.items()))
    Path(path).with_suffix(".json").write_text(json.dumps({"pictures": len(prompts), **table}, indent=1) + "\n")
    return table


if __name__ == "__main__":
    settings = load_config()
    if len(sys.argv) > 2 and sys.argv[1] == "read":
        with torch.no_grad():
            report(settings, sys.argv[2])
    else:
        train(settings)
