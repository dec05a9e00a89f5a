"""The latent UNet, on one GPU or several: `python denoiser.py`, or `torchrun --nproc_per_node=N denoiser.py`.

It goes on from the newest weights there are (`common.newest`), else from nothing, and writes runs/model.
"""
import copy
import json
import os
import shutil

import torch
import torch.distributed as dist

from common import Clock, cosine, load_config, log, newest
from objectives import loss, schedule
from scenes import Sprites, save_grid
from text import Pool, Words, load_vae

PROMPTS = ["a cat", "a red apple", "a dog in the snow", "a rocket in space", "a pizza on a yellow background, pixel art", "an octopus under water",
           "a camel in the desert", "a sailboat on a sandy beach by the sea", "a fox to the left of a tree", "an owl at night under the stars", "a rose",
           "three mushrooms in a green meadow", "a house at sunset", "a robot on a pink background", "a dragon, outlined cartoon drawing", "a penguin in the snow",
           "a hamburger to the right of a banana", "a hot air balloon in the clouds", "a purple cat", "a unicorn in space", "a blue whale, flat emoji",
           "a green car in a city", "a tiger and a bicycle", "a big strawberry on a white background"]  # fmt: skip
SCHEDULER = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False, steps_offset=1, timestep_spacing="trailing")
PREDICTIONS = {"v": "v_prediction", "epsilon": "epsilon", "x0": "sample", "vlb": "epsilon", "hybrid": "epsilon"}


def build(config):
    from diffusers import UNet2DConditionModel

    c, folder = config["denoiser"], newest(config, "unet")
    if folder:
        log("UNet from", folder)
        return UNet2DConditionModel.from_pretrained(folder).float()
    channels = c["channels"]
    return UNet2DConditionModel(
        sample_size=config["data"]["size"] // 8, in_channels=4, out_channels=8 if c["objective"] in ("vlb", "hybrid") else 4, cross_attention_dim=config["text"]["width"],
        attention_head_dim=tuple(n // 32 for n in channels), block_out_channels=tuple(channels), layers_per_block=1, norm_num_groups=32,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"))  # fmt: skip


class Net(torch.nn.Module):
    """UNet and text encoder as one module, so that one wrapper keeps several GPUs in step."""

    def __init__(self, unet, encoder, compiled):
        super().__init__()
        self.unet, self.encoder = unet, encoder
        self.denoise = torch.compile(self.plain, dynamic=False) if compiled else self.plain

    def plain(self, x, t, hidden):
        return self.unet(x, t, hidden, return_dict=False)[0]

    def forward(self, x, t, tokens):
        return self.denoise(x, t, self.encoder(tokens).last_hidden_state)


@torch.no_grad()
def sample(net, vae, words, prompts, prediction, steps=20, scale=5.0, seed=1):
    """Pictures by diffusers' DDIM, to look at."""
    from diffusers import DDIMScheduler

    device = next(net.parameters()).device
    generator = torch.Generator(device).manual_seed(seed)
    side = vae.config.sample_size // 8
    z = torch.randn(len(prompts), 4, side, side, device=device, generator=generator)
    scheduler = DDIMScheduler(prediction_type=prediction, **SCHEDULER)
    scheduler.set_timesteps(steps)
    with torch.autocast("cuda", torch.bfloat16):
        hidden = net.encoder(words([*prompts, *[""] * len(prompts)]).long().to(device)).last_hidden_state
        for t in scheduler.timesteps:
            said, empty = net.plain(torch.cat([z, z]), t.to(device), hidden).float()[:, :4].chunk(2)
            z = scheduler.step(empty + scale * (said - empty), t, z).prev_sample
    return torch.cat([vae.decode(part / vae.config.scaling_factor).sample for part in z.split(32)])


def save(net, vae, config, prediction):
    """The checkpoint and the whole model in diffusers layout, half precision."""
    from diffusers import DDIMScheduler

    out = config["paths"]["out"]
    model = f"{out}/model"
    for module, name in ((net.unet, "unet"), (net.encoder, "text_encoder"), (vae, "vae")):
        copy.deepcopy(module).half().save_pretrained(f"{model}/{name}")
    DDIMScheduler(prediction_type=prediction, **SCHEDULER).save_pretrained(f"{model}/scheduler")
    shutil.copytree(f"{config['paths']['start']}/tokenizer", f"{model}/tokenizer", dirs_exist_ok=True)
    parts = dict(scheduler=["diffusers", "DDIMScheduler"], text_encoder=["transformers", "CLIPTextModel"], tokenizer=["transformers", "CLIPTokenizer"], unet=["diffusers", "UNet2DConditionModel"],
                 vae=["diffusers", "AutoencoderKL"], safety_checker=[None, None], feature_extractor=[None, None])  # fmt: skip
    with open(f"{model}/model_index.json", "w") as f:
        json.dump({"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.40.0", **parts, "requires_safety_checker": False}, f, indent=1)


def train(config):
    from transformers import CLIPTextModel

    c, out, start = config["denoiser"], config["paths"]["out"], config["paths"]["start"]
    rank, world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    device = f"cuda:{rank}"
    torch.cuda.set_device(rank)
    if world > 1:
        dist.init_process_group("nccl")
    say = log if rank == 0 else lambda *_: None
    torch.backends.cudnn.benchmark = torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    sprites, words = Sprites(config["paths"]["sprites"]), Words(f"{start}/tokenizer")
    vae = load_vae(config, device)
    encoder = CLIPTextModel.from_pretrained(newest(config, "text_encoder")).float().to(device).train()
    unet = build(config).to(device, memory_format=torch.channels_last).train()
    net = Net(unet, encoder, c["compile"])
    shadow = Net(copy.deepcopy(unet), copy.deepcopy(encoder), False).eval()
    parameters, averages = list(net.parameters()), list(shadow.parameters())
    pool = Pool(config, vae, sprites, words, 30 + rank, c["pool"], device)
    say("pool of", c["pool"], "deviation", pool.latents[:4096].float().std().item(), "UNet", sum(p.numel() for p in unet.parameters()) / 1e6, "M")
    torch.manual_seed(100 + rank)
    abars = schedule(c["schedule"]).float().to(device)
    empty = words([""]).long().to(device)
    optimizer = torch.optim.AdamW([dict(params=list(unet.parameters()), k=1.0), dict(params=list(encoder.parameters()), k=c["text_rate"])], lr=c["rate"], betas=(0.9, 0.99), weight_decay=1e-2, fused=True)
    wrapped = torch.nn.parallel.DistributedDataParallel(net, device_ids=[rank], broadcast_buffers=False) if world > 1 else net
    prediction = PREDICTIONS.get(c["objective"], "epsilon")
    clock, step, n, shown, next_save = Clock(c["seconds"]), 0, c["batch"], 0.0, 0.25
    spent = torch.zeros(1, device=device)
    if rank == 0:
        save_grid(sample(shadow, vae, words, PROMPTS, prediction), f"{out}/samples-0000.jpg")
    while True:
        if step % 10 == 0:  # the same on every GPU
            spent.fill_(clock.share())
            if world > 1:
                dist.broadcast(spent, 0)
            shown = spent.item()
        if shown >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = c["rate"] * group["k"] * cosine(shown, step, 300, hold=0.3)
        pool.add(c["fresh"])
        z, tokens = pool.draw(n)
        tokens = torch.where(torch.rand(n, 1, device=device) < c["drop_caption"], empty, tokens)
        with torch.autocast("cuda", torch.bfloat16):
            total = loss(c["objective"], lambda x, t: wrapped(x.contiguous(memory_format=torch.channels_last), t, tokens), z, abars, gamma=c["min_snr"])  # noqa: B023
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(averages, [p.data for p in parameters], 1 - min(c["ema"], (1 + step) / (10 + step)))
        if clock.start is None:
            torch.cuda.synchronize()
            say("first step")
            if world > 1:
                dist.barrier()
            clock.begin()
        if step % 200 == 0:
            say(f"denoiser {step} loss {total.item():.4f} {clock.rate(step * n * world):.0f} pictures/s")
        if shown > next_save and rank == 0:
            save(shadow, vae, config, prediction)
            save_grid(sample(shadow, vae, words, PROMPTS, prediction), f"{out}/samples-{int(next_save * 1000):04d}.jpg")
            next_save += 0.25
        step += 1
    if rank == 0:
        say("denoiser steps", step, "pictures", step * n * world)
        save(shadow, vae, config, prediction)
        for scale in (3.0, 5.0, 7.0):
            save_grid(sample(shadow, vae, words, PROMPTS, prediction, scale=scale), f"{out}/samples-end-{scale:.0f}.jpg")
        tested(shadow, vae, words, config, prediction)
        say("done")
    if world > 1:
        dist.barrier()
        dist.destroy_process_group()


def tested(net, vae, words, config, prediction):
    """Paints the test prompts (one batch's noise, not the app's seeds) for a first look by the judge."""
    import numpy as np

    prompts = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "test-prompts.json")))
    pictures = torch.cat([sample(net, vae, words, [p["prompt"] for p in prompts[i : i + 130]], prediction, seed=i + 1) for i in range(0, len(prompts), 130)])
    np.save(f"{config['paths']['out']}/test.npy", ((pictures.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy())


if __name__ == "__main__":
    train(load_config())
