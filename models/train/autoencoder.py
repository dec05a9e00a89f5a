"""The autoencoder: reconstruction, KL (or a codebook) and a patch discriminator, its decoder used to noisy latents.

`python autoencoder.py` trains and writes runs/vae. With `part = "decoder"` the latents stay what they are, so that a denoiser trained on them still fits.
"""
import copy

import torch
import torch.nn as nn
import torch.nn.functional as F

from common import Clock, State, adamw, average, compiled, cosine, layout, load_config, log, mixed, newest, open_device, put
from judge import flatness
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
    """Clean, and with noise of 0.1 deviations on the latents: PSNR in dB (mean over pictures), local deviation of flat grounds (of 255)."""
    def psnr(y):
        return (10 * torch.log10(4 / ((y.clamp(-1, 1) - x) ** 2).mean((1, 2, 3)))).mean().item()

    def both(q):
        z = vae.encode(q).latents if kind == "vq" else vae.encode(q).latent_dist.mean
        decode = lambda v: (vae.decode(v).sample).float()  # noqa: E731
        return z, decode(z), decode(z + 0.1 * z.std() * torch.randn_like(z))

    z, plain, noisy = (torch.cat(p) for p in zip(*[both(q) for q in x.split(64)]))
    flat = flatness(x) < 0.5
    result = {"PSNR": psnr(plain), "with noise": psnr(noisy), "ground": flatness(plain)[flat].mean().item(), "ground with noise": flatness(noisy)[flat].mean().item()}
    return result, z.std().item(), plain


def rounded(result):
    return ", ".join(f"{name} {value:.2f}" for name, value in result.items())


def train(config):
    c, out, device = config["autoencoder"], config["paths"]["out"], open_device()
    torch.manual_seed(1)
    sprites = Sprites(config["paths"]["sprites"])
    render = Renderer(sprites, config["data"]["size"], device, 1)
    vae = build(c, newest(config, "vae")).to(device, memory_format=layout(device))
    judge = discriminator().to(device, memory_format=layout(device))
    if c["part"] == "decoder":
        for name, parameter in vae.named_parameters():
            parameter.requires_grad_(name.startswith(("decoder.", "post_quant_conv.")))
    ema = copy.deepcopy(vae)
    parameters = [p for p in vae.parameters() if p.requires_grad]
    shadow = [p for p in ema.parameters() if p.requires_grad]
    optimizer = adamw(parameters, device, lr=c["rate"], betas=(0.9, 0.99), weight_decay=1e-3)
    opponent = adamw(judge.parameters(), device, lr=3e-4, betas=(0.5, 0.9))
    step_run = compiled(run, c["compile"])
    clock = Clock(c["seconds"])
    state = State(config, "autoencoder", clock, vae=vae, ema=ema, judge=judge, optimizer=optimizer, opponent=opponent)
    step = state.load()
    batches = stream(sprites, config, 1 + step, c["batch"])
    check = render(next(stream(sprites, config, 2, c["check"]))[0])
    log("before:", rounded(measure(ema, check, c["kind"])[0]))
    with torch.no_grad():
        spread = ema.encode(check[:64]).latent_dist.mean.std() if c["kind"] == "kl" else torch.ones((), device=device)
    while clock.share() < 1:
        for group in optimizer.param_groups:
            group["lr"] = c["rate"] * cosine(clock.share(), step, 200)
        x = render(next(batches)[0]).contiguous(memory_format=layout(device))
        adversarial = clock.share() > c["adversarial_from"]
        with mixed(device):
            y, regulariser, now = step_run(vae, c["kind"], x, spread, c["latent_noise"])
        total = difference(y, x) + (c["kl"] if c["kind"] == "kl" else 1.0) * regulariser
        if adversarial:
            with mixed(device):
                total = total - c["adversarial"] * judge(y).float().mean()
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        with torch.no_grad():
            average(shadow, parameters, min(0.998, (1 + step) / (10 + step)))
            spread = spread.lerp(now.detach(), 0.02)
        if adversarial or step % 100 == 0:
            with mixed(device):
                real, fake = judge(x), judge(y.detach())
            d = F.relu(1 - real.float()).mean() + F.relu(1 + fake.float()).mean()
            opponent.zero_grad(set_to_none=True)
            d.backward()
            opponent.step()
        clock.begin()
        if step % 200 == 0:
            log(f"autoencoder {step} loss {total.item():.4f} regulariser {regulariser.item():.2f} spread {spread.item():.2f} {clock.rate(step * c['batch']):.0f} pictures/s")
        step += 1
        if state.due():
            state.save(step)
    ema.eval()
    result, deviation, y = measure(ema, check, c["kind"])
    log(f"autoencoder steps {step}: {rounded(result)}, latent deviation {deviation:.3f}")
    save_grid(torch.cat([check[:16], y[:16]]), f"{out}/vae.jpg")
    if c["kind"] == "kl" and c["part"] == "all":
        ema.register_to_config(scaling_factor=1 / deviation)
    put(config, "vae", ema)
    state.end()


if __name__ == "__main__":
    train(load_config())
