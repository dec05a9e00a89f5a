"""Consistency distillation to a few steps without guidance, as a LoRA (LCM-LoRA: Luo et al. 2023): `python distill.py`.

The teacher is the newest UNet with classifier-free guidance; the student is the same UNet with adapters, the newest where there are any.
Writes runs/fast.safetensors (`distill.file`) and, for a look, runs/samples-fast-N.jpg. `python distill.py paint NAME` paints the test
prompts with it into runs/NAME.npy.
"""
import copy
import json
import os
import sys

import numpy as np
import torch

import lora
from common import HERE, Clock, State, adamw, average, compiled, cosine, layout, load_config, log, mixed, newest, open_device
from denoiser import PROMPTS, as_bytes, decode, load_encoder, load_unet, load_words
from objectives import broad, clean, diffuse, schedule
from scenes import Sprites, save_grid
from text import Pool, load_vae


def guided_step(teacher, z, t, before, hidden, empty, abars, guidance):
    """One DDIM step of the guided teacher, from t to `before` (-1: the clean picture)."""
    n = len(z)
    said, unsaid = teacher(torch.cat([z, z]), torch.cat([t, t]), torch.cat([hidden, empty.expand(n, -1, -1)])).float().chunk(2)
    abar = abars[t]
    x0 = clean("v", unsaid + guidance * (said - unsaid), z, abar)
    noise = (z - broad(abar.sqrt(), z) * x0) / broad((1 - abar).sqrt(), z)
    return diffuse(x0, noise, torch.where(before >= 0, abars[before.clamp(min=0)], torch.ones_like(abar)))


def distance(a, b, c=0.001):
    """Pseudo-Huber (Song & Dhariwal 2023), mean over everything."""
    return (((a - b) ** 2 + c**2).sqrt() - c).mean()


@torch.no_grad()
def sample(unet, encoder, vae, words, prompts, side, steps, seed=1):
    """The consistency sampler: x0, then noise again for the next of `steps` trailing timesteps (LCM in the app)."""
    device = next(unet.parameters()).device
    generator = torch.Generator(device).manual_seed(seed)
    abars = schedule("scaled_linear").float().to(device)
    noise = lambda: torch.randn(len(prompts), 4, side, side, device=device, generator=generator)  # noqa: E731
    times = [round(1000 - k * 1000 / steps) - 1 for k in range(steps)]
    with mixed(device):
        hidden = encoder(words(prompts).long().to(device)).last_hidden_state
        z = noise()
        for k, time in enumerate(times):
            t = torch.full((len(prompts),), time, device=device)
            x0 = clean("v", unet(z, t, hidden, return_dict=False)[0].float(), z, abars[t])
            z = diffuse(x0, noise(), abars[torch.full_like(t, times[k + 1])]) if k + 1 < steps else x0
    return decode(vae, z)


def train(config):
    c, out, device = config["distill"], config["paths"]["out"], open_device()
    name = c["file"].removesuffix(".safetensors")
    torch.manual_seed(40)
    sprites, words, vae = Sprites(config["paths"]["sprites"]), load_words(config), load_vae(config, device)
    encoder = load_encoder(config).to(device).eval().requires_grad_(False)
    teacher = load_unet(config).to(device, memory_format=layout(device)).eval().requires_grad_(False)
    student = copy.deepcopy(teacher)
    adapters = lora.adapt(student, c["rank"])
    before = newest(config, c["file"])
    if before:
        lora.load(adapters, before)
        log("adapters from", before)
    student.to(device)
    parameters = [p for p in student.parameters() if p.requires_grad]
    shadow = torch.nn.ParameterList([torch.nn.Parameter(p.detach().clone(), requires_grad=False) for p in parameters])
    averages = list(shadow)
    teach = compiled(lambda x, t, hidden: teacher(x, t, hidden, return_dict=False)[0], c["compile"])
    learn = compiled(lambda x, t, hidden: student(x, t, hidden, return_dict=False)[0], c["compile"])
    optimizer = adamw(parameters, device, lr=c["rate"], betas=(0.9, 0.99), weight_decay=0.0)
    clock, n = Clock(c["seconds"]), c["batch"]
    state = State(config, f"distill-{name}", clock, c["save"], student=student, shadow=shadow, optimizer=optimizer)
    step = state.load()
    log("adapters", len(adapters), "parameters", sum(p.numel() for p in parameters))
    pool = Pool(config, vae, sprites, words, 60 + step, c["pool"], device)
    abars = schedule("scaled_linear").float().to(device)
    with torch.no_grad():
        empty = encoder(words([""]).long().to(device)).last_hidden_state
    while clock.share() < 1:
        for group in optimizer.param_groups:
            group["lr"] = c["rate"] * cosine(clock.share(), step, 100, hold=0.5)
        pool.refresh(step, config["denoiser"]["fresh"])
        z0, tokens = pool.draw(n)
        t = torch.randint(0, 1000, (n,), device=device)
        before = (t - c["skip"]).clamp(min=-1)
        with torch.no_grad(), mixed(device):
            hidden = encoder(tokens).last_hidden_state
            z = diffuse(z0, torch.randn_like(z0), abars[t])
            earlier = guided_step(teach, z, t, before, hidden, empty, abars, c["guidance"])
            at = before.clamp(min=0)
            goal = clean("v", learn(earlier, at, hidden).float(), earlier, abars[at])
            goal = torch.where((before >= 0).view(-1, 1, 1, 1), goal, earlier)  # the boundary: a clean picture is its own answer
        with mixed(device):
            answer = clean("v", learn(z, t, hidden).float(), z, abars[t])
        total = distance(answer, goal)
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        average(averages, parameters, min(c["ema"], (1 + step) / (10 + step)))
        clock.begin()
        if step % 100 == 0:
            log(f"distill {step} share {clock.share():.3f} loss {total.item():.5f} {clock.rate(step * n):.0f} pictures/s")
        step += 1
        if state.due() or clock.share() >= 1:
            state.save(step)
            kept = [p.detach().clone() for p in parameters]
            put_in(parameters, averages)
            lora.save(adapters, f"{out}/{c['file']}")
            for count in c["steps"]:
                save_grid(sample(student, encoder, vae, words, PROMPTS, config["data"]["size"] // 8, count), f"{out}/samples-{name}-{count}.jpg")
            put_in(parameters, kept)
    state.end()
    log("distill steps", step, "bytes", os.path.getsize(f"{out}/{c['file']}"))


@torch.no_grad()
def put_in(parameters, values):
    for p, value in zip(parameters, values):
        p.copy_(value)


def load_student(config, device):
    """The newest UNet with the LoRA in it."""
    unet = load_unet(config)
    lora.load(lora.adapt(unet, config["distill"]["rank"]), newest(config, config["distill"]["file"]))
    return unet.to(device).eval()


def paint(config, name):
    device = open_device()
    words, vae, encoder, unet = load_words(config), load_vae(config, device), load_encoder(config).to(device).eval(), load_student(config, device)
    with open(os.path.join(HERE, "test-prompts.json")) as f:
        prompts = [p["prompt"] for p in json.load(f)][: config["denoiser"]["painted"]]
    pictures = torch.cat([sample(unet, encoder, vae, words, prompts[i : i + 130], config["data"]["size"] // 8, config["distill"]["steps"][-1], seed=i + 1) for i in range(0, len(prompts), 130)])
    np.save(f"{config['paths']['out']}/{name}.npy", as_bytes(pictures))


if __name__ == "__main__":
    if sys.argv[1:2] == ["paint"]:
        paint(load_config(), sys.argv[2])
    else:
        train(load_config())
