"""The emblems' judge: names the concept of a 32 x 32 emblem, apart from the painter. `python emblem_judge.py` trains it.

It shares the drawings with the painter, but no weights and no random numbers, and is tested on the drawings that neither was trained on.
"""
import json

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

from common import Clock, adamw, cosine, layout, load_config, log, mixed, open_device
from emblems import Emblems, concepts
from judge import Block


class EmblemJudge(nn.Module):
    """Emblems, -1..1, to logits of the concepts."""

    def __init__(self, classes, widths):
        super().__init__()
        a, b, c = widths
        self.body = nn.Sequential(nn.Conv2d(3, a, 3, 1, 1), nn.ReLU(), Block(a, a), Block(a, b, 2), Block(b, b), Block(b, c, 2), Block(c, c))
        self.concept = nn.Linear(2 * c, classes)

    def pooled(self, images):
        """The picture's feature vector, 2 x width; the Frechet distance is taken in it."""
        grid = self.body(images)
        return torch.cat([grid.mean((2, 3)), grid.amax((2, 3))], 1)

    def forward(self, images):
        return self.concept(F.dropout(self.pooled(images), 0.2, self.training))


def spoilt(images, device):
    """Painters' pictures are a little soft or grainy."""
    soft = F.avg_pool2d(F.pad(images, (1, 1, 1, 1), mode="replicate"), 3, 1)
    share = lambda most: torch.rand(len(images), 1, 1, 1, device=device) * most  # noqa: E731
    images = images.lerp(soft, share(0.6))
    return images + torch.randn_like(images) * share(0.15)


def train(config):
    c, device = config["emblem_judge"], open_device()
    torch.manual_seed(72)
    emblems = Emblems(config, device, 72)
    judge = EmblemJudge(emblems.classes, c["widths"]).to(device, memory_format=layout(device))
    log("emblems' judge", sum(p.numel() for p in judge.parameters()) / 1e6, "M")
    parameters = list(judge.parameters())
    optimizer = adamw(parameters, device, lr=c["rate"], weight_decay=0.05)
    clock, step = Clock(c["seconds"]), 0
    while clock.share() < 1:
        for group in optimizer.param_groups:
            group["lr"] = c["rate"] * cosine(clock.share(), step, 100)
        images, labels = emblems.draw(c["batch"])
        with mixed(device):
            loss = F.cross_entropy(judge(spoilt(images, device).contiguous(memory_format=layout(device))).float(), labels, label_smoothing=0.05)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 5.0)
        optimizer.step()
        clock.begin()
        if step % 200 == 0:
            log(f"emblems' judge {step} loss {loss.item():.3f}")
        step += 1
    save_file({k: v.half().contiguous() if v.is_floating_point() else v for k, v in judge.state_dict().items()}, f"{config['paths']['out']}/{c['file']}")
    log("emblems' judge, steps", step, json.dumps(accuracy(config, load(config, emblems.classes, device), device)))


def load(config, classes, device):
    judge = EmblemJudge(classes, config["emblem_judge"]["widths"])
    state = load_file(f"{config['paths']['out']}/{config['emblem_judge']['file']}")
    judge.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()})
    return judge.to(device).eval()


@torch.no_grad()
def named(judge, images, labels):
    """Top-1 in per cent, and the features."""
    features = torch.cat([judge.pooled(part) for part in images.split(512)])
    right = judge.concept(features).argmax(1) == labels
    return round(100 * right.float().mean().item(), 1), features


def accuracy(config, judge, device):
    """Top-1 in per cent on real emblems: of drawings that were trained on (varied anew) and of those that were not."""
    emblems = Emblems(config, device, 999)
    return {part: named(judge, *emblems.draw(config["emblem_judge"]["reference"], held_out))[0] for part, held_out in (("trained on", False), ("held out", True))}


def confused(judge, images, labels):
    """The commonest mistakes, to look at: (concept, taken for, how often)."""
    said = judge.concept(named(judge, images, labels)[1]).argmax(1)
    names = [shown for _, shown in concepts()]
    pairs = torch.stack([labels, said], 1)[said != labels]
    found, counts = torch.unique(pairs, dim=0, return_counts=True)
    return [(names[a], names[b], n) for (a, b), n in sorted(zip(found.tolist(), counts.tolist()), key=lambda row: -row[1])[:10]]


if __name__ == "__main__":
    train(load_config())
