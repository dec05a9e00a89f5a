"""The objectives compared: small UNets from nothing, the same steps, seed, scenes and size; `python ablation.py` writes runs/ablation.json (`ablation.file`).

For each: the mean squared error of x0 on scenes that were never trained on, at three noise levels (the same for every schedule), and how
often the judge finds the thing among its five best in pictures painted for test prompts (20 steps, CFG 5).
"""
import json
import os

import torch

from common import HERE, adamw, average, cosine, load_config, log, mixed, open_device
from denoiser import PREDICTIONS, Net, load_encoder, load_words, new_unet, sample
from judge import expected, load, questions
from objectives import clean, diffuse, loss, nearest_timestep, schedule
from scenes import Sprites, save_grid
from text import Pool, load_vae

SIGMAS = (0.2, 1.0, 5.0)


@torch.no_grad()
def error(net, pool, abars, prediction, device):
    """Mean squared error of x0 at each of SIGMAS."""
    kind = {"v_prediction": "v", "epsilon": "epsilon", "sample": "x0"}[prediction]
    generator = torch.Generator(device).manual_seed(9)
    found = []
    z, tokens = pool.latents[:512].float(), pool.tokens[:512].long()
    for sigma in SIGMAS:
        t = nearest_timestep(torch.full((len(z),), sigma, device=device), abars)
        x = diffuse(z, torch.randn(z.shape, device=device, generator=generator), abars[t])
        with mixed(device):
            said = torch.cat([net(*part) for part in zip(x.split(128), t.split(128), tokens.split(128))]).float()[:, :4]
        found.append(round(((clean(kind, said, x, abars[t]) - z) ** 2).mean().item(), 4))
    return found


def one(config, run, pool, encoder, device):
    """Trains one UNet. @returns its averages as a network, the schedule and the prediction."""
    c = config["ablation"]
    objective, _, variant = run.partition(" ")
    gamma = 5.0 if variant == "min-snr" else 0.0
    abars = schedule(variant if variant in ("cosine", "linear", "sigmoid") else "scaled_linear").float().to(device)
    torch.manual_seed(90)
    net = Net(new_unet(config, c["channels"], objective), encoder).to(device)
    shadow = Net(new_unet(config, c["channels"], objective), encoder).to(device).eval()
    shadow.load_state_dict(net.state_dict())
    parameters, averages = list(net.unet.parameters()), list(shadow.unet.parameters())
    optimizer = adamw(parameters, device, lr=c["rate"], betas=(0.9, 0.99), weight_decay=1e-2)
    for step in range(c["steps"]):
        for group in optimizer.param_groups:
            group["lr"] = c["rate"] * cosine(step / c["steps"], step, 100, hold=0.3)
        z, tokens = pool.draw(c["batch"])
        with mixed(device):
            total = loss(objective, lambda x, t: net(x, t, tokens), z, abars, gamma=gamma)  # noqa: B023
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        average(averages, parameters, min(0.995, (1 + step) / (10 + step)))
    return shadow, abars, PREDICTIONS[objective]


def train(config):
    c, out, device = config["ablation"], config["paths"]["out"], open_device()
    sprites, words, vae = Sprites(config["paths"]["sprites"]), load_words(config), load_vae(config, device)
    encoder = load_encoder(config).to(device).eval().requires_grad_(False)
    judge = load(config, sprites, device)
    pool, check = (Pool(config, vae, sprites, words, seed, count, device) for seed, count in ((90, c["pool"]), (91, config["data"]["chunk"] * 2)))
    with open(os.path.join(HERE, "test-prompts.json")) as f:
        prompts = [p for p in json.load(f) if p["kind"] == "single"][: c["painted"]]
    table = {}
    for run in c["runs"]:
        net, abars, prediction = one(config, run, pool, encoder, device)
        with torch.no_grad():
            pictures = sample(net, vae, words, [p["prompt"] for p in prompts], prediction, config["data"]["size"] // 8, abars=abars).float()
            found = questions(judge, pictures, expected(prompts, sprites).to(device), [p["kind"] for p in prompts])[0]["single: single top-5"]
        table[run] = {"error of x0": dict(zip(map(str, SIGMAS), error(net, check, abars, prediction, device))), "top-5": found}
        log(run, json.dumps(table[run]))
        save_grid(pictures[:16], f"{out}/ablation-{run.replace(' ', '-')}.jpg")
        with open(f"{out}/{c['file']}", "w") as f:
            json.dump({"steps": c["steps"], "batch": c["batch"], "channels": c["channels"], "runs": table}, f, indent=1)


if __name__ == "__main__":
    train(load_config())
