"""How good the emblems' models are: `python emblem_measure.py` writes runs/emblems.json and sheets, `... page emblems.json held-out.png` what the page shows.

What the judge names of 512 pictures by each sampler (the same noise for each), beside real emblems; and the variational bound term by term,
in bits per dimension, of drawings that were never trained on and of drawings that were (Ho et al. 2020; Nichol and Dhariwal 2021).
"""
import json
import os
import sys
from pathlib import Path

import torch
from PIL import Image

from common import load_config, log, open_device
from emblem_judge import accuracy, confused, load, named
from emblems import SCHEDULER, SIDE, Emblems, abars_of, load_net, sample
from judge import frechet
from objectives import broad, clean, diffuse, discretized_nll, learned_log_variance, posterior, prior_bits, vlb
from scenes import save_grid

RUNS = ("emblems", "emblems-hybrid")
# As the page calls them.
PARTS = {"held out": "heldOut", "trained on": "trainedOn"}
PAINTED = {"DDIM": "ddim", "DDIM, x0 clipped": "ddimClipped", "DDPM, small variance": "ddpm", "DDPM, large variance": "ddpmLarge", "DDPM, learned variance": "ddpmLearned"}


def samplers(learned):
    """(name, diffusers' scheduler) of what is compared: DDPM with its variances, which with fewer steps is strided sampling, and DDIM."""
    from diffusers import DDIMScheduler, DDPMScheduler

    ddpm = lambda variance: DDPMScheduler(variance_type=variance, **SCHEDULER)  # noqa: E731
    ddim = lambda clip: DDIMScheduler(set_alpha_to_one=True, **{**SCHEDULER, "clip_sample": clip})  # noqa: E731
    if learned:
        return [("DDPM, learned variance", ddpm("learned_range"))]
    return [("DDIM", ddim(False)), ("DDIM, x0 clipped", ddim(True)), ("DDPM, small variance", ddpm("fixed_small")), ("DDPM, large variance", ddpm("fixed_large"))]


def paint(config, run, net, judge, real, device, table, keep):
    """Fills table, {sampler: {steps: top-1 and Frechet distance}}, with what becomes of one run's pictures. @param keep called after each"""
    c, out = config["emblem_measure"], config["paths"]["out"]
    labels = torch.arange(c["pictures"], device=device) % judge.concept.out_features
    for name, scheduler in samplers(learned=net.unet.config.out_channels == 6):
        for steps in c["steps"]:
            pictures = sample(net, labels, scheduler, steps, c["seed"])
            right, features = named(judge, pictures, labels)
            table.setdefault(name, {})[steps] = {"top-1": right, "frechet": round(frechet(features, real), 2)}
            log(run, name, steps, json.dumps(table[name][steps]), confused(judge, pictures, labels)[:4])
            save_grid(pictures[:96], f"{out}/{run}-{name.replace(', ', '-').replace(' ', '-')}-{steps}.jpg", columns=16, scale=2)
            keep()


@torch.no_grad()
def terms(net, x0, labels, draws, seed, device):
    """The bound of each variance that the run allows: L_t for every t, L_T, their sum, and the error of eps by timestep.

    x0 as the network implies it is clipped to -1..1, as when the bound of DDPM's paper is measured.
    @returns {variance: {"terms": 1000 numbers, t = 0 first (L_0), "prior": L_T, "total"}}, and the mean squared errors of eps
    """
    generator = torch.Generator(device).manual_seed(seed)
    abars = abars_of(device)
    betas = 1 - abars / torch.cat([torch.ones_like(abars[:1]), abars[:-1]])
    # Ho et al.'s large variance: beta, except at t = 0, where the chain's smallest posterior variance does better.
    large = torch.log(torch.cat([posterior_variance(abars)[1:2], betas[1:]]))
    many, many_labels = x0.repeat(draws, 1, 1, 1), labels.repeat(draws)
    bits, errors = {}, []
    for k in range(len(abars)):
        t = torch.full((len(many),), k, device=device)
        noise = torch.randn(many.shape, device=device, generator=generator)
        x = diffuse(many, noise, abars[t].float())
        output = net(x, t, many_labels).float().double()
        eps, clean_x0, x = output[:, :3], many.double(), x.double()
        errors.append(((eps - noise) ** 2).mean().item())
        mean, small = posterior(clean("epsilon", eps, x, abars[t]).clamp(-1, 1), x, t, abars)
        variances = {"learned": learned_log_variance(output[:, 3:], t, abars)} if output.shape[1] == 6 else {"small": small, "large": broad(large[t], x)}
        for name, log_variance in variances.items():
            bits.setdefault(name, []).append(vlb(clean_x0, x, t, abars, mean, log_variance.expand_as(x), discretized_nll).mean().item())
    prior = prior_bits(x0.double(), abars).mean().item()
    return {name: {"terms": [short(v) for v in found], "prior": short(prior), "total": round(sum(found) + prior, 4)} for name, found in bits.items()}, [short(e) for e in errors]


def posterior_variance(abars):
    before = torch.cat([torch.ones_like(abars[:1]), abars[:-1]])
    return (1 - abars / before) * (1 - before) / (1 - abars)


def short(value):
    """Four significant digits."""
    return float(f"{value:.4g}")


def measure(config):
    c, out, device = config["emblem_measure"], config["paths"]["out"], open_device()
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False  # float32 as the page has it: a thousand steps add up
    emblems = Emblems(config, device, c["seed"])
    judge = load(config, emblems.classes, device)
    with torch.no_grad():
        images, labels = emblems.draw(config["emblem_judge"]["reference"])
        real = named(judge, images, labels)[1]
        again = named(judge, *emblems.draw(config["emblem_judge"]["reference"]))[1]
    save_grid(images[:96], f"{out}/emblems-real.jpg", columns=16, scale=2)
    result = {"pictures": c["pictures"], "real": {"top-1": accuracy(config, judge, device), "frechet": round(frechet(again, real), 2)}, "runs": {}}
    for run in RUNS:
        if not os.path.exists(f"{out}/{run}"):
            log(run, "is not there: left out")
            continue
        net = load_net(f"{out}/{run}", device)
        likelihood = {}
        for part, held_out in (("held out", True), ("trained on", False)):
            bits, errors = terms(net, *emblems.upright(held_out), c["draws"], c["seed"], device)
            likelihood[part] = {"bits": bits, "errors of eps": errors}
            log(run, part, {name: (found["total"], found["terms"][0], found["prior"]) for name, found in bits.items()})
        result["runs"][run] = {"parameters": sum(p.numel() for p in net.parameters()), "likelihood": likelihood, "painted": {}}
        paint(config, run, net, judge, real, device, result["runs"][run]["painted"], lambda: Path(out, "emblems.json").write_text(json.dumps(result)))


def page(config, file, sheet):
    """The figures as the lab reads them, with about seventy of each bound's terms, and a sheet of the held-out drawings, six rows of eight."""
    measured = json.loads(Path(config["paths"]["out"], "emblems.json").read_text())
    kept = sorted({*range(10), *(round(10 * 100 ** (k / 60)) - 1 for k in range(61))})
    bounds = []
    for run, found in measured["runs"].items():
        for part, likelihood in found["likelihood"].items():
            for variance, bound in likelihood["bits"].items():
                terms = [bound["terms"][k] for k in kept]
                bounds.append({"variance": variance, "drawings": PARTS[part], "total": bound["total"], "prior": bound["prior"], "terms": terms})
    painted = {PAINTED[name]: row for found in measured["runs"].values() for name, row in found["painted"].items()}
    real = {PARTS[part]: right for part, right in measured["real"]["top-1"].items()}
    shown = {"parameters": measured["runs"][RUNS[0]]["parameters"], "pictures": measured["pictures"], "real": real, "painted": painted, "timesteps": kept, "bounds": bounds}
    Path(file).write_text(json.dumps(shown) + "\n")
    pictures = Emblems(config, "cpu", 0).upright(held_out=True)[0]
    rows = ((pictures + 1) * 127.5).round().byte().view(6, 8, 3, SIDE, SIDE).permute(0, 3, 1, 4, 2).reshape(6 * SIDE, 8 * SIDE, 3)
    Image.fromarray(rows.numpy()).save(sheet, optimize=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["page"]:
        page(load_config(), *sys.argv[2:4])
    else:
        measure(load_config())
