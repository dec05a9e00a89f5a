"""The text encoder, trained contrastively against a noise-aware tower over latents.

`python text.py` writes runs/text_encoder, runs/tower.safetensors (the tower, and the text's projection). The denoiser changes the text
encoder a little; afterwards `--set text.frozen=true` fits tower and projection to the encoder as it is bundled.
"""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

from common import Clock, State, adamw, cosine, layout, load_config, log, mixed, newest, open_device, put
from objectives import diffuse, schedule
from scenes import DEFAULT_STYLE, Renderer, Scene, SceneSampler, Sprites, Thing, article, stream


class Words:
    """The model's own CLIP-format tokenizer: captions to n x 77 token ids."""

    def __init__(self, folder):
        from transformers import CLIPTokenizer

        self.tokenizer = CLIPTokenizer.from_pretrained(folder)
        self.end = self.tokenizer.eos_token_id
        self.known = {}

    def __call__(self, captions):
        new = [c for c in captions if c not in self.known]
        if new:
            ids = self.tokenizer(new, padding="max_length", truncation=True, max_length=77, return_tensors="np")["input_ids"].astype(np.int16)
            if len(self.known) > 200_000:
                self.known.clear()
                return self(captions)
            self.known.update(zip(new, ids))
        return torch.from_numpy(np.stack([self.known[c] for c in captions]))


def time_embedding(t, width):
    frequencies = torch.exp(-np.log(10000) * torch.arange(width // 2, device=t.device) / (width // 2))
    angles = t.float()[:, None] * frequencies
    return torch.cat([angles.cos(), angles.sin()], 1)


class Residual(nn.Module):
    def __init__(self, a, b, stride):
        super().__init__()
        self.norm_one, self.one = nn.GroupNorm(8, a), nn.Conv2d(a, b, 3, stride, 1)
        self.norm_two, self.two = nn.GroupNorm(8, b), nn.Conv2d(b, b, 3, 1, 1)
        self.time = nn.Linear(128, b)
        self.skip = nn.Conv2d(a, b, 1, stride)

    def forward(self, x, time):
        h = self.one(F.silu(self.norm_one(x))) + self.time(time)[:, :, None, None]
        return self.skip(x) + self.two(F.silu(self.norm_two(h)))


class Tower(nn.Module):
    """z_t (n x 4 x 32 x 32, unit scale) and its timestep to a unit vector in the text's space."""

    def __init__(self, widths, width):
        super().__init__()
        self.start = nn.Conv2d(4, widths[0], 3, 1, 1)
        self.time = nn.Sequential(nn.Linear(64, 128), nn.SiLU(), nn.Linear(128, 128))
        pairs = zip([widths[0], *widths[:-1]], widths)
        self.blocks = nn.ModuleList([b for k, (i, o) in enumerate(pairs) for b in (Residual(i, o, 2 if k else 1), Residual(o, o, 1))])
        self.norm, self.end = nn.GroupNorm(8, widths[-1]), nn.Linear(widths[-1] * 2, width)

    def forward(self, z, t):
        time = F.silu(self.time(time_embedding(t, 64)))
        h = self.start(z)
        for block in self.blocks:
            h = block(h, time)
        h = F.silu(self.norm(h))
        return F.normalize(self.end(torch.cat([h.mean((2, 3)), h.amax((2, 3))], 1)).float(), dim=-1)


def sentence(encoder, projection, tokens, end):
    """Unit vectors of captions: the hidden state of the end token, projected."""
    hidden = encoder(tokens).last_hidden_state
    last = (tokens == end).int().argmax(1)
    return F.normalize(projection(hidden[torch.arange(len(tokens), device=tokens.device), last]).float(), dim=-1)


class Pool:
    """Encoded scenes with their captions, refreshed a few at a time."""

    def __init__(self, config, vae, sprites, words, seed, count, device):
        self.vae, self.words, self.device, self.place = vae, words, device, 0
        self.chunk = config["data"]["chunk"]
        self.render = Renderer(sprites, config["data"]["size"], device, seed)
        self.batches = stream(sprites, config, seed, self.chunk, default_style=config["data"]["default_style"])
        side = config["data"]["size"] // 8
        self.latents = torch.empty(count, 4, side, side, dtype=torch.float16, device=device)
        self.tokens = torch.empty(count, 77, dtype=torch.int16, device=device)
        for _ in range(count // self.chunk):
            self.add()

    def refresh(self, step, fresh):
        """`fresh` new scenes a step, a whole chunk at a time."""
        if step % max(1, self.chunk // fresh) == 0:
            self.add()

    @torch.no_grad()
    def encode(self, images):
        with mixed(self.device):
            z = self.vae.encode(images.contiguous(memory_format=layout(self.device))).latent_dist.mean
        return z.float() * self.vae.config.scaling_factor

    def add(self):
        rows, captions, _ = next(self.batches)
        self.fill(slice(self.place, self.place + self.chunk), self.render(rows), captions)
        self.place = (self.place + self.chunk) % len(self.latents)

    def fill(self, where, images, captions):
        self.latents[where] = self.encode(images).half()
        self.tokens[where] = self.words(captions).to(self.device)

    def draw(self, n):
        i = torch.randint(0, len(self.latents), (n,), device=self.device)
        return self.latents[i].float(), self.tokens[i].long()


def load(path, tower, projection, scale):
    """tower.safetensors into the networks."""
    held = {k: v.float() for k, v in load_file(path).items()}
    tower.load_state_dict({k[len("tower.") :]: v for k, v in held.items() if k.startswith("tower.")})
    projection.weight.data.copy_(held["projection.weight"])
    scale.data.copy_(held["scale"][0])


def load_vae(config, device):
    from diffusers import AutoencoderKL

    vae = AutoencoderKL.from_pretrained(newest(config, "vae")).float()
    return vae.to(device, memory_format=layout(device)).eval()


def train(config):
    from transformers import CLIPTextModel

    c, out, device = config["text"], config["paths"]["out"], open_device()
    torch.manual_seed(2)
    sprites, words = Sprites(config["paths"]["sprites"]), Words(newest(config, "tokenizer"))
    encoder = CLIPTextModel.from_pretrained(newest(config, "text_encoder")).float().to(device).train()
    tower = Tower(c["tower"], c["width"]).to(device, memory_format=layout(device))
    projection = nn.Linear(c["width"], c["width"], bias=False).to(device)
    scales = nn.ParameterDict({"likeness": nn.Parameter(torch.tensor(2.6, device=device))})
    scale = scales["likeness"]
    before = newest(config, "tower.safetensors")
    if before:
        load(before, tower, projection, scale)
        log("tower from", before)
    encoder.requires_grad_(not c["frozen"])
    log("tower", sum(p.numel() for p in tower.parameters()) / 1e6, "M")
    pool = Pool(config, load_vae(config, device), sprites, words, 20, c["pool"], device)
    log("pool of", c["pool"], "deviation", pool.latents[:4096].float().std().item())
    abars = schedule("scaled_linear").float().to(device)
    heads = [*tower.parameters(), *projection.parameters(), scale]
    parameters = heads if c["frozen"] else [*encoder.parameters(), *heads]
    groups = [dict(params=heads, k=1.0), *([] if c["frozen"] else [dict(params=list(encoder.parameters()), k=0.4)])]
    optimizer = adamw(groups, device, lr=c["rate"], betas=(0.9, 0.98), weight_decay=0.02)
    clock, n = Clock(c["seconds"]), c["batch"]
    state = State(config, "text", clock, encoder=encoder, tower=tower, projection=projection, scales=scales, optimizer=optimizer)
    step = state.load()
    eye = torch.eye(n, dtype=torch.bool, device=device)

    def accuracy():
        """Names of default-style pictures on a plain ground, among all concepts, at several noise levels."""
        encoder.eval(), tower.eval()
        rng = np.random.RandomState(4)
        drawings = [sprites.by[DEFAULT_STYLE][k][0] for k in range(len(sprites.concepts))]
        names = [article(sprites.images[d]["caption"]) for d in drawings]
        with torch.no_grad():
            known = torch.cat([sentence(encoder, projection, words(names[i : i + 256]).long().to(device), words.end) for i in range(0, len(names), 256)])
            sampler = SceneSampler(sprites, {}, 77)
            picked = rng.choice(len(names), min(512, len(names)), replace=False)
            rows = np.stack([sampler.row(Scene([Thing(int(k), drawings[k])], DEFAULT_STYLE))[0] for k in picked])
            z = pool.encode(pool.render(torch.from_numpy(rows)))
            right = torch.from_numpy(picked).to(device)
            shares = []
            for t in (20, 250, 500, 750):
                at = torch.full((len(picked),), t, device=device)
                said = (tower(diffuse(z, torch.randn_like(z), abars[at]), at) @ known.T).argmax(1)
                shares.append(f"t={t} {100 * (said == right).float().mean().item():.1f} %")
        encoder.train(), tower.train()
        log("named right:", ", ".join(shares))

    while clock.share() < 1:
        for group in optimizer.param_groups:
            group["lr"] = c["rate"] * group["k"] * cosine(clock.share(), step, 100)
        pool.refresh(step, c["fresh"])
        z, tokens = pool.draw(n)
        t = (1000 * torch.rand(n, device=device) ** 1.5).long()  # more of them at little noise
        with mixed(device):
            seen = tower(diffuse(z, torch.randn_like(z), abars[t]).contiguous(memory_format=layout(device)), t)
            said = sentence(encoder, projection, tokens, words.end)
        likeness = seen @ said.T * scale.exp().clamp(max=100)
        key = (tokens * torch.arange(1, 78, device=device) ** 3).sum(1)  # equal captions are no opposites
        likeness = likeness.masked_fill((key[:, None] == key[None]) & ~eye, -1e4)
        y = torch.arange(n, device=device)
        loss = (F.cross_entropy(likeness, y) + F.cross_entropy(likeness.T, y)) / 2
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        clock.begin()
        if step % 100 == 0:
            log(f"text {step} loss {loss.item():.3f} right {100 * (likeness.argmax(1) == y).float().mean().item():.1f} % {clock.rate(step * n):.0f} pictures/s")
        if step % 500 == 499:
            accuracy()
        step += 1
        if state.due():
            state.save(step)
    accuracy()
    if not c["frozen"]:
        put(config, "text_encoder", encoder)
    tensors = {**{f"tower.{k}": v for k, v in tower.state_dict().items()}, "projection.weight": projection.weight, "scale": scale.reshape(1)}
    save_file({k: v.detach().half().contiguous() for k, v in tensors.items()}, f"{out}/tower.safetensors")
    state.end()
    log("text steps", step)


if __name__ == "__main__":
    train(load_config())
