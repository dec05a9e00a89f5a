"""The guided model distilled to a few steps without guidance, as a LoRA: `python distill.py`.

The teacher is the newest UNet with classifier-free guidance; the student is the same UNet with adapters, the newest where there are any.
The student paints in `steps` steps of DDIM, and each of them learns to lead where `substeps` guided steps of the teacher lead
(Meng et al. 2023, guidance and progressive distillation in one). It learns on the way that it will go: from noise, step by step, half of
the time by the teacher's answer and half by its own; no picture is needed, only captions.
Writes runs/fast.safetensors (`distill.file`) and, for a look, runs/samples-fast.jpg. `python distill.py paint NAME` paints the test
prompts with it into runs/NAME.npy.
"""
import copy
import json
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

import lora
from common import HERE, Clock, State, adamw, average, compiled, cosine, layout, load_config, log, mixed, newest, open_device
from denoiser import PROMPTS, as_bytes, decode, load_encoder, load_unet, load_words
from objectives import broad, clean, diffuse, schedule, target
from scenes import SceneSampler, Sprites, load_held_out, save_grid
from text import load_vae


def trailing(steps):
    """DDIM's timesteps, the last one at the end, and -1: after the last step."""
    return [round(1000 - k * 1000 / steps) - 1 for k in range(steps)] + [-1]


def noise_in(z, x0, abar):
    """What is left of z at abar when its clean picture is x0."""
    return (z - broad(abar.sqrt(), z) * x0) / broad((1 - abar).sqrt(), z)


def ddim(x0, z, abar, after):
    """From z at abar towards x0, to the noise level of `after` (Song et al. 2021, eq. 12, eta 0)."""
    return diffuse(x0, noise_in(z, x0, abar), after)


def leading_to(end, z, abar, after):
    """The x0 with which `ddim` goes from z at abar to `end`."""
    ratio = broad(((1 - after) / (1 - abar)).sqrt(), z)
    return (end - ratio * z) / (broad(after.sqrt(), z) - ratio * broad(abar.sqrt(), z))


class Teacher:
    """Guided x0, and where its steps lead."""

    def __init__(self, unet, empty, abars, guidance):
        self.unet, self.empty, self.abars, self.guidance = unet, empty, abars, guidance

    def clean(self, z, t, hidden):
        n = len(z)
        said, unsaid = self.unet(torch.cat([z, z]), torch.cat([t, t]), torch.cat([hidden, self.empty.expand(n, -1, -1)])).float().chunk(2)
        return clean("v", unsaid + self.guidance * (said - unsaid), z, self.abars[t])

    def goal(self, z, t, after, hidden, substeps):
        """The x0 that makes one step from t to `after` end where `substeps` of the teacher's end."""
        way = [torch.round(t + (after - t) * k / substeps).long() for k in range(substeps)] + [after]
        end = z
        for here, there in zip(way, way[1:]):
            end = ddim(self.clean(end, here, hidden), end, self.abars[here], level(self.abars, there))
        return leading_to(end, z, self.abars[t], level(self.abars, after))


def level(abars, t):
    """abar_t; after the last step that of the first timestep, as the model's scheduler has it."""
    return abars[t.clamp(min=0)]


class Captions:
    """What training scenes would be called, one after the other, as tokens."""

    def __init__(self, config, words, seed):
        sprites = Sprites(config["paths"]["sprites"], with_pictures=False)
        self.sampler = SceneSampler(sprites, load_held_out(config), seed, config["distill"]["default_style"])
        self.words = words

    def draw(self, n):
        return self.words([self.sampler.say()[1] for _ in range(n)]).long()


@torch.no_grad()
def sample(unet, encoder, vae, words, prompts, side, steps, seed=1):
    """Pictures by DDIM in so few steps, without guidance."""
    device = next(unet.parameters()).device
    abars, times = schedule("scaled_linear").float().to(device), trailing(steps)
    z = torch.randn(len(prompts), 4, side, side, device=device, generator=torch.Generator(device).manual_seed(seed))
    with mixed(device):
        hidden = encoder(words(prompts).long().to(device)).last_hidden_state
        for time, after in zip(times, times[1:]):
            t, then = torch.full((len(prompts),), time, device=device), torch.full((len(prompts),), after, device=device)
            z = ddim(clean("v", unet(z, t, hidden, return_dict=False)[0].float(), z, abars[t]), z, abars[t], level(abars, then))
    return decode(vae, z)


def train(config):
    c, out, device = config["distill"], config["paths"]["out"], open_device()
    name, side = c["file"].removesuffix(".safetensors"), config["data"]["size"] // 8
    torch.manual_seed(40)
    words, vae = load_words(config), load_vae(config, device)
    encoder = load_encoder(config).to(device).eval().requires_grad_(False)
    unet = load_unet(config).to(device, memory_format=layout(device)).eval().requires_grad_(False)
    student = copy.deepcopy(unet)
    adapters = lora.adapt(student, c["rank"])
    before = newest(config, c["file"])
    if before:
        lora.load(adapters, before)
        log("adapters from", before)
    student.to(device)
    parameters = [p for p in student.parameters() if p.requires_grad]
    shadow = torch.nn.ParameterList([torch.nn.Parameter(p.detach().clone(), requires_grad=False) for p in parameters])
    averages = list(shadow)
    learn = compiled(lambda x, t, hidden: student(x, t, hidden, return_dict=False)[0], c["compile"])
    optimizer = adamw(parameters, device, lr=c["rate"], betas=(0.9, 0.99), weight_decay=0.0)
    clock, n = Clock(c["seconds"]), c["batch"]
    state = State(config, f"distill-{name}", clock, c["save"], student=student, shadow=shadow, optimizer=optimizer)
    step = state.load()
    log("adapters", len(adapters), "parameters", sum(p.numel() for p in parameters))
    captions, times = Captions(config, words, 60 + step), torch.tensor(trailing(c["steps"]), device=device)
    abars = schedule("scaled_linear").float().to(device)
    encode = lambda tokens: encoder(tokens.to(device)).last_hidden_state  # noqa: E731
    with torch.no_grad():
        teacher = Teacher(compiled(lambda x, t, hidden: unet(x, t, hidden, return_dict=False)[0], c["compile"]), encode(words([""]).long()), abars, c["guidance"])
        # As many pictures at each step as at any other; those that begin in the middle have only noise to go on, and are gone soon.
        z, hidden = torch.randn(n, 4, side, side, device=device), encode(captions.draw(n))
    while clock.share() < 1:
        for group in optimizer.param_groups:
            group["lr"] = c["rate"] * cosine(clock.share(), step, 100, hold=0.5)
        at = (torch.arange(n, device=device) + step) % c["steps"]
        t, after = times[at], times[at + 1]
        abar = abars[t]
        with torch.no_grad(), mixed(device):
            x0 = teacher.goal(z, t, after, hidden, c["substeps"])
        with mixed(device):
            answer = learn(z, t, hidden).float()
        total = F.mse_loss(answer, target("v", x0, noise_in(z, x0, abar), abar))
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        average(averages, parameters, min(c["ema"], (1 + step) / (10 + step)))
        with torch.no_grad():
            own = (torch.rand(n, device=device) < 0.5).view(-1, 1, 1, 1)
            z = ddim(torch.where(own, clean("v", answer, z, abar), x0), z, abar, level(abars, after))
            ended = slice(-(step + 1) % c["steps"], None, c["steps"])
            z[ended] = torch.randn_like(z[ended])
            hidden[ended] = encode(captions.draw(len(z[ended])))
        clock.begin()
        if step % 100 == 0:
            log(f"distill {step} share {clock.share():.3f} loss {total.item():.5f} {clock.rate(step * n):.0f} pictures/s")
        step += 1
        if state.due() or clock.share() >= 1:
            state.save(step)
            kept = [p.detach().clone() for p in parameters]
            put_in(parameters, averages)
            lora.save(adapters, f"{out}/{c['file']}")
            save_grid(sample(student, encoder, vae, words, PROMPTS, side, c["steps"]), f"{out}/samples-{name}.jpg")
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
    pictures = torch.cat([sample(unet, encoder, vae, words, prompts[i : i + 130], config["data"]["size"] // 8, config["distill"]["steps"], seed=i + 1) for i in range(0, len(prompts), 130)])
    np.save(f"{config['paths']['out']}/{name}.npy", as_bytes(pictures))


if __name__ == "__main__":
    if sys.argv[1:2] == ["paint"]:
        paint(load_config(), sys.argv[2])
    else:
        train(load_config())
