"""The autoencoder: reconstruction, KL (or a codebook) and a patch discriminator, its decoder used to noisy latents.

`python autoencoder.py` trains and writes runs/vae.
"""
import copy
import os

import torch
import torch.nn as nn
import torch.nn.functional as F

from common import Clock, cosine, load_config, log, newest
from scenes import Renderer, Sprites, save_grid, stream


def build(c, folder):
    from diffusers import AutoencoderKL, VQModel

    size = dict(in_channels=3, out_channels=3, block_out_channels=tuple(c["channels"]), layers_per_block=1, latent_channels=4, norm_num_groups=16,
                down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4)  # fmt: skip
    if c["kind"] == "vq":
        return VQModel(num_vq_embeddings=4096, vq_embed_dim=4, **size)
    if folder:
        return AutoencoderKL.from_pretrained(folder).float()
    return AutoencoderKL(sample_size=256, **size)


def discriminator():
    layers = []
    for a, b in ((3, 48), (48, 96), (96, 192)):
        layers += [nn.Conv2d(a, b, 4, 2, 1), *([nn.GroupNorm(8, b)] if a > 3 else []), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Conv2d(192, 1, 4, 1, 1))


def run(vae, kind, x, spread, most):
    """Reconstruction and regulariser. The latent carries up to `most` times its spread as noise; `spread` is its deviation."""
    if kind == "vq":
        h = vae.encode(x).latents
        quantised, commit, _ = vae.quantize(h)
        return vae.decode(quantised, force_not_quantize=True).sample, commit, h.float().std()
    p = vae.encode(x).latent_dist
    z = p.mean + torch.exp(0.5 * p.logvar) * torch.randn_like(p.mean)
    z = z + spread * most * torch.rand(len(z), 1, 1, 1, device=z.device) * torch.randn_like(z)
    kl = 0.5 * (p.mean.float() ** 2 / spread**2 + p.logvar.float().exp() / spread**2 - 1 - p.logvar.float() + 2 * spread.log()).mean()
    return vae.decode(z).sample, kl, p.mean.float().std()


def difference(y, x):
    """L1, L2, gradients and coarse colour, as one number."""
    d = y.float() - x
    edges = (d[..., 1:, :] - d[..., :-1, :]).abs().mean() + (d[..., 1:] - d[..., :-1]).abs().mean()
    return d.abs().mean() + 2 * (d**2).mean() + 0.7 * edges + F.avg_pool2d(d, 4).abs().mean()


@torch.no_grad()
def measure(vae, x, kind):
    """PSNR in dB, mean over pictures: clean, and with noise of 0.1 deviations on the latents."""
    def psnr(y):
        return (10 * torch.log10(4 / ((y.clamp(-1, 1) - x) ** 2).mean((1, 2, 3)))).mean().item()

    def both(q):
        z = vae.encode(q).latents if kind == "vq" else vae.encode(q).latent_dist.mean
        decode = lambda v: (vae.decode(v).sample).float()  # noqa: E731
        return z, decode(z), decode(z + 0.1 * z.std() * torch.randn_like(z))

    z, plain, noisy = (torch.cat(p) for p in zip(*[both(q) for q in x.split(64)]))
    return psnr(plain), psnr(noisy), z.std().item(), plain


def train(config):
    c, out, device = config["autoencoder"], config["paths"]["out"], "cuda"
    os.makedirs(out, exist_ok=True)
    torch.manual_seed(1)
    torch.backends.cudnn.benchmark = torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    sprites = Sprites(config["paths"]["sprites"])
    render = Renderer(sprites, config["data"]["size"], device, 1)
    vae = build(c, newest(config, "vae")).to(device, memory_format=torch.channels_last)
    judge = discriminator().to(device, memory_format=torch.channels_last)
    parameters, ema = list(vae.parameters()), copy.deepcopy(vae)
    shadow = list(ema.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=c["rate"], betas=(0.9, 0.99), weight_decay=1e-3, fused=True)
    opponent = torch.optim.AdamW(judge.parameters(), lr=3e-4, betas=(0.5, 0.9), fused=True)
    step_run = torch.compile(run) if c["seconds"] > 60 else run
    batches, clock, step = stream(sprites, config, 1, c["batch"]), Clock(c["seconds"]), 0
    check = render(next(stream(sprites, config, 2, 256))[0])
    log("before:", *[round(v, 3) for v in measure(ema, check, c["kind"])[:3]])
    with torch.no_grad():
        spread = ema.encode(check[:64]).latent_dist.mean.std() if c["kind"] == "kl" else torch.ones((), device=device)
    cast = lambda: torch.autocast("cuda", torch.bfloat16)  # noqa: E731
    while clock.share() < 1:
        for group in optimizer.param_groups:
            group["lr"] = c["rate"] * cosine(clock.share(), step, 200)
        x = render(next(batches)[0]).contiguous(memory_format=torch.channels_last)
        adversarial = clock.share() > c["adversarial_from"]
        with cast():
            y, regulariser, now = step_run(vae, c["kind"], x, spread, c["latent_noise"])
        total = difference(y, x) + (c["kl"] if c["kind"] == "kl" else 1.0) * regulariser
        if adversarial:
            with cast():
                total = total - c["adversarial"] * judge(y).float().mean()
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(shadow, [p.data for p in parameters], 1 - min(0.998, (1 + step) / (10 + step)))
            spread = spread.lerp(now.detach(), 0.02)
        if adversarial or step % 100 == 0:
            with cast():
                real, fake = judge(x), judge(y.detach())
            d = F.relu(1 - real.float()).mean() + F.relu(1 + fake.float()).mean()
            opponent.zero_grad(set_to_none=True)
            d.backward()
            opponent.step()
        clock.begin()
        if step % 200 == 0:
            log(f"autoencoder {step} loss {total.item():.4f} regulariser {regulariser.item():.2f} spread {spread.item():.2f} {clock.rate(step * c['batch']):.0f} pictures/s")
        step += 1
    ema.eval()
    plain, noisy, deviation, y = measure(ema, check, c["kind"])
    log(f"autoencoder steps {step} PSNR {plain:.2f} dB, with noise {noisy:.2f} dB, latent deviation {deviation:.3f}")
    save_grid(torch.cat([check[:16], y[:16]]), f"{out}/vae.jpg")
    if c["kind"] == "kl":
        ema.register_to_config(scaling_factor=1 / deviation)
    ema.save_pretrained(f"{out}/vae")


if __name__ == "__main__":
    train(load_config())
