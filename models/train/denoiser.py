"""The latent UNet, on one GPU or several: `python denoiser.py`, or `torchrun --nproc_per_node=N denoiser.py`.

It goes on from the newest weights there are (`common.newest`), else from nothing, and writes runs/unet and runs/text_encoder (the
averages, half precision), every `save` seconds. `python denoiser.py paint NAME` paints the test prompts into runs/NAME.npy.
"""
import copy
import json
import os
import sys

import numpy as np
import torch
import torch.distributed as dist

from common import HERE, Clock, State, adamw, average, compiled, cosine, layout, load_config, log, mixed, newest, open_device, put, ranks
from objectives import loss, schedule
from scenes import Sprites, save_grid
from text import Pool, Words, load_vae

PROMPTS = ["a cat", "a red apple", "a dog in the snow", "a rocket in space", "a pizza on a yellow background, pixel art", "an octopus under water",
           "a camel in the desert", "a sailboat on a sandy beach by the sea", "a fox to the left of a tree", "an owl at night under the stars", "a rose",
           "three mushrooms in a green meadow", "a house at sunset", "a robot on a pink background", "a dragon, outlined cartoon drawing", "a penguin in the snow",
           "a hamburger to the right of a banana", "a hot air balloon in the clouds", "a purple cat", "a unicorn in space", "a blue whale, flat emoji",
           "a green car in a city", "a tiger and a bicycle", "a big strawberry on a white background"]  # fmt: skip
SCHEDULER = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False, steps_offset=1, timestep_spacing="trailing")
PREDICTIONS = {"v": "v_prediction", "epsilon": "epsilon", "x0": "sample", "edm": "v_prediction", "vlb": "epsilon", "hybrid": "epsilon"}


def new_unet(config, channels, objective):
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=config["data"]["size"] // 8, in_channels=4, out_channels=8 if objective in ("vlb", "hybrid") else 4, cross_attention_dim=config["text"]["width"],
        attention_head_dim=tuple(n // 32 for n in channels), block_out_channels=tuple(channels), layers_per_block=1, norm_num_groups=32,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"))  # fmt: skip


def load_unet(config):
    from diffusers import UNet2DConditionModel

    folder = newest(config, "unet")
    log("UNet from", folder or "nothing")
    return UNet2DConditionModel.from_pretrained(folder).float() if folder else new_unet(config, config["denoiser"]["channels"], config["denoiser"]["objective"])


def load_encoder(config):
    from transformers import CLIPTextModel

    return CLIPTextModel.from_pretrained(newest(config, "text_encoder")).float()


def load_words(config):
    return Words(newest(config, "tokenizer"))


class Net(torch.nn.Module):
    """UNet and text encoder as one module, so that one wrapper keeps several GPUs in step."""

    def __init__(self, unet, encoder, fast=False):
        super().__init__()
        self.unet, self.encoder = unet, encoder
        self.denoise = compiled(self.plain, fast)

    def plain(self, x, t, hidden):
        return self.unet(x, t, hidden, return_dict=False)[0]

    def forward(self, x, t, tokens):
        return self.denoise(x.contiguous(memory_format=layout(x.device)), t, self.encoder(tokens).last_hidden_state)


@torch.no_grad()
def sample(net, vae, words, prompts, prediction, side, steps=20, scale=5.0, seed=1, abars=None):
    """Pictures by diffusers' DDIM, to look at. `side`: of the latents; `abars`: another noise schedule than SCHEDULER's."""
    from diffusers import DDIMScheduler

    device = next(net.parameters()).device
    generator = torch.Generator(device).manual_seed(seed)
    z = torch.randn(len(prompts), 4, side, side, device=device, generator=generator)
    betas = None if abars is None else (1 - abars / torch.cat([torch.ones_like(abars[:1]), abars[:-1]])).cpu().numpy()
    scheduler = DDIMScheduler(prediction_type=prediction, trained_betas=betas, **SCHEDULER)
    scheduler.set_timesteps(steps)
    with mixed(device):
        hidden = net.encoder(words([*prompts, *[""] * len(prompts)]).long().to(device)).last_hidden_state
        for t in scheduler.timesteps:
            said, empty = net.plain(torch.cat([z, z]), t.to(device), hidden).float()[:, :4].chunk(2)
            z = scheduler.step(empty + scale * (said - empty), t, z).prev_sample
    return decode(vae, z)


@torch.no_grad()
def decode(vae, z):
    return torch.cat([vae.decode(part / vae.config.scaling_factor).sample for part in z.split(32)])


def train(config):
    c, out, (rank, world), device = config["denoiser"], config["paths"]["out"], ranks(), open_device()
    say, side = log if rank == 0 else lambda *_: None, config["data"]["size"] // 8
    sprites, words, vae = Sprites(config["paths"]["sprites"]), load_words(config), load_vae(config, device)
    encoder = load_encoder(config).to(device).train()
    unet = load_unet(config).to(device, memory_format=layout(device)).train()
    net = Net(unet, encoder, c["compile"])
    shadow = Net(copy.deepcopy(unet), copy.deepcopy(encoder)).eval()
    parameters, averages = list(net.parameters()), list(shadow.parameters())
    optimizer = adamw([dict(params=list(unet.parameters()), k=1.0), dict(params=list(encoder.parameters()), k=c["text_rate"])], device, lr=c["rate"], betas=(0.9, 0.99), weight_decay=1e-2)
    clock, n, share, next_sheet = Clock(c["seconds"]), c["batch"], 0.0, 0.0
    state = State(config, "denoiser", clock, c["save"], net=net, shadow=shadow, optimizer=optimizer)
    step = state.load()
    torch.manual_seed(100 + rank + step)
    pool = Pool(config, vae, sprites, words, 30 + rank + step, c["pool"], device)
    say("pool of", c["pool"], "deviation", pool.latents[:4096].float().std().item(), "UNet", sum(p.numel() for p in unet.parameters()) / 1e6, "M")
    abars = schedule(c["schedule"]).float().to(device)
    empty = words([""]).long().to(device)
    wrapped = torch.nn.parallel.DistributedDataParallel(net, device_ids=[rank] if "cuda" in device else None, broadcast_buffers=False) if world > 1 else net
    prediction = PREDICTIONS[c["objective"]]
    spent = torch.zeros(1, device=device)
    while True:
        if step % 10 == 0:  # the same on every GPU
            spent.fill_(clock.share())
            if world > 1:
                dist.broadcast(spent, 0)
            share = spent.item()
        if share >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = c["rate"] * group["k"] * cosine(share, step, c["warmup"], hold=c["hold"])
        pool.refresh(step, c["fresh"])
        z, tokens = pool.draw(n)
        tokens = torch.where(torch.rand(n, 1, device=device) < c["drop_caption"], empty, tokens)
        with mixed(device):
            total = loss(c["objective"], lambda x, t: wrapped(x, t, tokens), z, abars, gamma=c["min_snr"])  # noqa: B023
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        average(averages, parameters, min(c["ema"], (1 + step) / (10 + step)))
        if clock.start is None:
            say("first step, loss", total.item())
            clock.begin()
            first = step
        if step % 200 == 0:
            say(f"denoiser {step} share {share:.3f} loss {total.item():.4f} {clock.rate((step - first) * n * world):.0f} pictures/s")
        step += 1
        if rank == 0 and state.due():
            state.save(step)
            write(config, shadow)
            if share >= next_sheet:
                save_grid(sample(shadow, vae, words, PROMPTS, prediction, side), f"{out}/samples-{int(share * 100):02d}.jpg")
                next_sheet = share + 0.2
    if rank == 0:
        say("denoiser steps", step, "pictures", step * n * world)
        write(config, shadow)
        save_grid(sample(shadow, vae, words, PROMPTS, prediction, side), f"{out}/samples-end.jpg")
        state.end()
    if world > 1:
        dist.barrier()
        dist.destroy_process_group()


def write(config, net):
    put(config, "unet", net.unet)
    put(config, "text_encoder", net.encoder)


def load_net(config, device):
    return Net(load_unet(config), load_encoder(config)).to(device).eval()


def paint(config, name):
    """The test prompts by diffusers (one batch's noise, not the app's seeds), for a first look by the judge."""
    device = open_device()
    words, vae, net = load_words(config), load_vae(config, device), load_net(config, device)
    with open(os.path.join(HERE, "test-prompts.json")) as f:
        prompts = [p["prompt"] for p in json.load(f)][: config["denoiser"]["painted"]]
    pictures = torch.cat([sample(net, vae, words, prompts[i : i + 130], PREDICTIONS[config["denoiser"]["objective"]], config["data"]["size"] // 8, seed=i + 1) for i in range(0, len(prompts), 130)])
    np.save(f"{config['paths']['out']}/{name}.npy", as_bytes(pictures))


def as_bytes(pictures):
    return ((pictures.float().clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()


if __name__ == "__main__":
    if sys.argv[1:2] == ["paint"]:
        paint(load_config(), sys.argv[2])
    else:
        train(load_config())
