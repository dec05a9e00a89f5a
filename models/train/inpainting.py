"""The inpainting fine-tune: the newest UNet with nine input channels (noisy latents, mask, latents of the masked picture).

`python inpainting.py` writes runs/inpainting/unet; for a look, runs/samples-inpainting.jpg (masked above, painted below).
"""
import copy

import torch
import torch.nn.functional as F

from common import Clock, State, adamw, average, compiled, cosine, layout, load_config, log, mixed, open_device, put
from denoiser import PREDICTIONS, SCHEDULER, decode, load_encoder, load_unet, load_words
from objectives import loss, schedule
from scenes import Sprites, save_grid
from text import Pool, load_vae


def widened(unet):
    """The same UNet with five more input channels, whose weights start at 0: at first it paints as before."""
    four = unet.conv_in
    nine = torch.nn.Conv2d(9, four.out_channels, four.kernel_size, padding=four.padding)
    with torch.no_grad():
        nine.weight.zero_()
        nine.weight[:, : four.in_channels] = four.weight
        nine.bias.copy_(four.bias)
    unet.conv_in = nine
    unet.register_to_config(in_channels=9)
    return unet


def masks(n, size, device, generator):
    """1 where the picture is to be painted: a box, an ellipse, a broad stroke or everything, at random (n x 1 x size x size)."""
    rand = lambda *shape: torch.rand(n, *shape, device=device, generator=generator)  # noqa: E731
    axis = (torch.arange(size, device=device) + 0.5) / size
    x, y = axis.view(1, 1, size), axis.view(1, size, 1)
    centre, half = 0.15 + 0.7 * rand(2, 1, 1), 0.1 + 0.3 * rand(2, 1, 1)
    dx, dy = (x - centre[:, 0]).abs() / half[:, 0], (y - centre[:, 1]).abs() / half[:, 1]
    angle = rand(1, 1) * 6.2832
    along = ((x - centre[:, 0]) * angle.sin() + (y - centre[:, 1]) * angle.cos()).abs() / (half[:, 0] * 0.5)
    shapes = torch.stack([dx.maximum(dy), dx**2 + dy**2, along, torch.zeros_like(dx + dy)])
    kind = torch.multinomial(torch.tensor([0.4, 0.3, 0.2, 0.1], device=device), n, replacement=True, generator=generator)
    return (shapes[kind, torch.arange(n, device=device)] < 1).float().unsqueeze(1)


class MaskedPool(Pool):
    """Encoded scenes, each with a mask and the latents of what the mask leaves."""

    def __init__(self, config, vae, sprites, words, seed, count, device):
        side = config["data"]["size"] // 8
        self.given = torch.empty(count, 5, side, side, dtype=torch.float16, device=device)
        self.generator = torch.Generator(device).manual_seed(seed)
        super().__init__(config, vae, sprites, words, seed, count, device)

    def fill(self, where, images, captions):
        super().fill(where, images, captions)
        mask = masks(len(images), images.shape[-1], self.device, self.generator)
        left = self.encode(images * (mask < 0.5))
        self.given[where] = torch.cat([F.interpolate(mask, left.shape[-2:]), left], 1).half()  # nearest, as diffusers scales masks

    def draw(self, n):
        i = torch.randint(0, len(self.latents), (n,), device=self.device)
        return self.latents[i].float(), self.tokens[i].long(), self.given[i].float()


@torch.no_grad()
def sample(unet, encoder, vae, pool, count, prediction, steps=20, scale=5.0):
    from diffusers import DDIMScheduler

    z0, tokens, given = pool.draw(count)
    scheduler = DDIMScheduler(prediction_type=prediction, **SCHEDULER)
    scheduler.set_timesteps(steps)
    z = torch.randn_like(z0)
    empty = pool.words([""]).long().to(z.device).expand_as(tokens)
    with mixed(z.device):
        hidden = encoder(torch.cat([tokens, empty])).last_hidden_state
        for t in scheduler.timesteps:
            said, unsaid = unet(torch.cat([torch.cat([z, given], 1)] * 2), t.to(z.device), hidden, return_dict=False)[0].float().chunk(2)
            z = scheduler.step(unsaid + scale * (said - unsaid), t, z).prev_sample
    return torch.cat([decode(vae, given[:, 1:]), decode(vae, z)])


def train(config):
    c, out, device = config["inpainting"], config["paths"]["out"], open_device()
    objective, prediction = config["denoiser"]["objective"], PREDICTIONS[config["denoiser"]["objective"]]
    torch.manual_seed(50)
    sprites, words, vae = Sprites(config["paths"]["sprites"]), load_words(config), load_vae(config, device)
    encoder = load_encoder(config).to(device).eval().requires_grad_(False)
    unet = widened(load_unet(config)).to(device, memory_format=layout(device)).train()
    shadow = copy.deepcopy(unet).eval()
    parameters, averages = list(unet.parameters()), list(shadow.parameters())
    denoise = compiled(lambda x, t, hidden: unet(x, t, hidden, return_dict=False)[0], c["compile"])
    optimizer = adamw(parameters, device, lr=c["rate"], betas=(0.9, 0.99), weight_decay=1e-2)
    clock, n = Clock(c["seconds"]), c["batch"]
    state = State(config, "inpainting", clock, c["save"], unet=unet, shadow=shadow, optimizer=optimizer)
    step = state.load()
    pool = MaskedPool(config, vae, sprites, words, 80 + step, c["pool"], device)
    abars = schedule(config["denoiser"]["schedule"]).float().to(device)
    empty = words([""]).long().to(device)
    while clock.share() < 1:
        for group in optimizer.param_groups:
            group["lr"] = c["rate"] * cosine(clock.share(), step, 100, hold=0.3)
        pool.refresh(step, c["fresh"])
        z, tokens, given = pool.draw(n)
        tokens = torch.where(torch.rand(n, 1, device=device) < config["denoiser"]["drop_caption"], empty, tokens)
        with mixed(device):
            with torch.no_grad():
                hidden = encoder(tokens).last_hidden_state
            nine = lambda x, t: denoise(torch.cat([x, given], 1).contiguous(memory_format=layout(device)), t, hidden)  # noqa: B023, E731
            total = loss(objective, nine, z, abars, gamma=config["denoiser"]["min_snr"])
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        average(averages, parameters, min(0.998, (1 + step) / (10 + step)))
        clock.begin()
        if step % 100 == 0:
            log(f"inpainting {step} share {clock.share():.3f} loss {total.item():.4f} {clock.rate(step * n):.0f} pictures/s")
        step += 1
        if state.due() or clock.share() >= 1:
            state.save(step)
            put(config, "inpainting/unet", shadow)
    save_grid(sample(shadow, encoder, vae, pool, 16, prediction), f"{out}/samples-inpainting.jpg")
    state.end()
    log("inpainting steps", step)


if __name__ == "__main__":
    train(load_config())
