"""The example of the theory: a DDPM over the pixels of 32 x 32 emblems, told which of 48 concepts (Ho et al. 2020).

`python emblems.py pack` renders the drawings small into data/emblems.npz, which is all that training needs. `python emblems.py` trains by
Algorithm 1 with L_simple from nothing and writes runs/emblems in diffusers' layout (the averages, half precision). The run beside it learns
the variance as well: `--set emblems.objective=hybrid --set emblems.name=emblems-hybrid`. emblem_measure.py says how good they are.
"""
import copy
import io
import json
import os
import shutil
import sys
import zipfile

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from common import Clock, State, adamw, average, compiled, cosine, layout, load_config, log, mixed, open_device
from objectives import discretized_nll, loss, schedule
from scenes import save_grid

# Those with most drawings, of nine styles and more, that can be told apart at this size.
CONCEPTS = """anchor; balloon; banana; cactus; cherries; Christmas tree; crescent moon; crown; doughnut; fire; four leaf clover; fox; french fries; frog; grapes; guitar;
hamburger; high voltage; jack-o-lantern; key; lady beetle; lemon; light bulb; locomotive; automobile; maple leaf; mushroom; octopus; palm tree; panda; penguin; pineapple;
pizza; rainbow; red apple; rocket; sailboat; snail; snowflake; strawberry; sunflower; sunglasses; t-shirt; tropical fish; tulip; turtle; umbrella; watermelon"""  # fmt: skip
NAMES = {"Christmas tree": "christmas tree", "high voltage": "lightning", "lady beetle": "ladybird", "automobile": "car", "red apple": "apple"}
INDEPENDENT = ("flat", "two", "fx", "line", "pixel")  # drawn apart from all others; 3d and fluent are twins, noto and blob have an ancestor in common
SIDE = 32
DRAWN = 64  # the side at which drawings are kept, so that what is turned and scaled is not softened twice
SCHEDULER = dict(num_train_timesteps=1000, beta_start=1e-4, beta_end=0.02, beta_schedule="linear", prediction_type="epsilon", clip_sample=True, timestep_spacing="leading", steps_offset=0)


def concepts():
    """(the drawings' name, the name the page shows) of every class, in the order of its labels."""
    wanted = [name for line in CONCEPTS.split("\n") for name in line.strip(" ;").split("; ")]
    return sorted(((name, NAMES.get(name, name)) for name in wanted), key=lambda pair: pair[1])


# ------------------------------------------------------------------------------------------------------------ drawings


def pack(config):
    """The concepts' drawings as bytes (64 x 64, premultiplied RGBA), their labels, and which are held out: one of each concept."""
    folder = config["paths"]["sprites"]
    with open(f"{folder}/sprites.json") as file:
        images = json.load(file)["images"]
    pictures, labels, held_out = [], [], []
    for label, (name, _) in enumerate(concepts()):
        drawings = [image for image in images if image["name"] == name]
        apart = [image for style in INDEPENDENT[label % len(INDEPENDENT) :] + INDEPENDENT for image in drawings if image["style"] == style][0]
        for image in drawings:
            with zipfile.ZipFile(f"{folder}/sprites-{image['style']}.zip") as archive, Image.open(io.BytesIO(archive.read(image["file"]))) as drawing:
                pictures.append(np.asarray(drawing.convert("RGBA").convert("RGBa").resize((DRAWN, DRAWN), Image.BOX)))
            labels.append(label)
            held_out.append(image is apart)
    np.savez_compressed(config["paths"]["packed"], pictures=np.stack(pictures), labels=np.array(labels), held_out=np.array(held_out))
    log(len(pictures), "drawings of", len(concepts()), "concepts,", os.path.getsize(config["paths"]["packed"]), "bytes")


class Emblems:
    """Emblems drawn at random: a class, one of its drawings, a little turned, moved, scaled, mirrored and tinted, on white."""

    def __init__(self, config, device, seed):
        held = np.load(config["paths"]["packed"])
        self.pictures = torch.from_numpy(held["pictures"]).permute(0, 3, 1, 2).to(device)
        self.labels = torch.from_numpy(held["labels"]).long().to(device)
        self.held_out = torch.from_numpy(held["held_out"]).to(device)
        self.device, self.generator = device, torch.Generator(device).manual_seed(seed)
        self.classes = int(self.labels.max()) + 1
        self.tables = {part: self._table(part) for part in (False, True)}

    def _table(self, part):
        """Classes x most drawings: the numbers of each class's drawings that are held out, or are not; and how many there are."""
        kept = [((self.held_out == part) & (self.labels == k)).nonzero()[:, 0] for k in range(self.classes)]
        return torch.nn.utils.rnn.pad_sequence(kept, batch_first=True), torch.tensor([len(k) for k in kept], device=self.device)

    def draw(self, n, held_out=False):
        """n emblems, -1..1 in steps of a byte, and their labels. @param held_out from the drawings that are not trained on"""
        table, counts = self.tables[held_out]
        labels = torch.randint(0, self.classes, (n,), device=self.device, generator=self.generator)
        pick = (torch.rand(n, device=self.device, generator=self.generator) * counts[labels]).long()
        return self._varied(table[labels, pick]), labels

    def upright(self, held_out):
        """One drawing of every class as it is, and their labels: always the same ones."""
        first = self.tables[held_out][0][:, 0]
        return self._on_white(self.pictures[first].float() / 255), self.labels[first]

    def _varied(self, indices):
        n = len(indices)
        draw = lambda low, high: torch.rand(n, device=self.device, generator=self.generator) * (high - low) + low  # noqa: E731
        turn, size, mirror = draw(-0.12, 0.12), draw(1.0, 1.18), draw(-1, 1).sign()
        rows = torch.stack([turn.cos() * size * mirror, -turn.sin() * size, draw(-0.07, 0.07), turn.sin() * size * mirror, turn.cos() * size, draw(-0.07, 0.07)], 1)
        grid = F.affine_grid(rows.view(n, 2, 3), (n, 4, DRAWN, DRAWN), align_corners=False)
        drawn = F.grid_sample(self.pictures[indices].float() / 255, grid, align_corners=False)
        colour, alpha = drawn[:, :3], drawn[:, 3:]
        grey = (colour * colour.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
        colour = colour.lerp(grey, draw(0, 0.15).view(n, 1, 1, 1)) * draw(0.92, 1.08).view(n, 1, 1, 1)
        return self._on_white(torch.cat([colour.minimum(alpha), alpha], 1))

    def _on_white(self, drawn):
        small = F.avg_pool2d(drawn, DRAWN // SIDE)
        return ((small[:, :3] + 1 - small[:, 3:]).clamp(0, 1) * 255).round() / 127.5 - 1


# --------------------------------------------------------------------------------------------------------------- model


class Net(torch.nn.Module):
    def __init__(self, unet, fast=False):
        super().__init__()
        self.unet = unet
        self.denoise = compiled(self.plain, fast)

    def plain(self, x, t, labels):
        return self.unet(x, t, class_labels=labels, return_dict=False)[0]

    def forward(self, x, t, labels):
        return self.denoise(x.contiguous(memory_format=layout(x.device)), t, labels)


def new_unet(c, classes):
    from diffusers import UNet2DModel

    widths = tuple(c["channels"])
    plain, seeing = len(widths) - 1, 1  # attention at the smallest side alone
    return UNet2DModel(
        sample_size=SIDE, in_channels=3, out_channels=6 if c["objective"] in ("vlb", "hybrid") else 3, block_out_channels=widths, layers_per_block=2,
        down_block_types=("DownBlock2D",) * plain + ("AttnDownBlock2D",) * seeing, up_block_types=("AttnUpBlock2D",) * seeing + ("UpBlock2D",) * plain,
        attention_head_dim=32, norm_num_groups=16, norm_eps=1e-6, flip_sin_to_cos=False, freq_shift=1, num_class_embeds=classes)  # fmt: skip


def write(config, net):
    """runs/NAME: a folder in diffusers' layout, with the classes' names where pipelines of class-conditional models have them."""
    from diffusers import DDPMScheduler

    c = config["emblems"]
    path = f"{config['paths']['out']}/{c['name']}"
    copy.deepcopy(net.unet).to(memory_format=torch.contiguous_format).half().save_pretrained(f"{path}.part/unet")
    variance = "learned_range" if c["objective"] in ("vlb", "hybrid") else "fixed_small"
    DDPMScheduler(variance_type=variance, **SCHEDULER).save_pretrained(f"{path}.part/scheduler")
    index = {"_class_name": "DDPMPipeline", "id2label": {str(k): shown for k, (_, shown) in enumerate(concepts())}, "scheduler": ["diffusers", "DDPMScheduler"], "unet": ["diffusers", "UNet2DModel"]}
    with open(f"{path}.part/model_index.json", "w") as file:
        json.dump(index, file, indent=1)
    shutil.rmtree(path, ignore_errors=True)
    os.rename(f"{path}.part", path)


def load_net(folder, device):
    """A folder that `write` wrote, in single precision."""
    from diffusers import UNet2DModel

    return Net(UNet2DModel.from_pretrained(f"{folder}/unet").float()).to(device).eval()


def abars_of(device):
    return schedule("linear").to(device)


@torch.no_grad()
def sample(net, labels, scheduler, steps, seed):
    """Emblems of the labels, -1..1, by one of diffusers' schedulers; Algorithm 2 where that is DDPM's with all its steps."""
    device, learned = labels.device, "learned" in getattr(scheduler.config, "variance_type", "")
    generator = torch.Generator(device).manual_seed(seed)
    x = torch.randn(len(labels), 3, SIDE, SIDE, device=device, generator=generator)
    scheduler.set_timesteps(steps)
    for t in scheduler.timesteps:
        output = net(x, t.to(device).expand(len(labels)), labels).float()
        x = scheduler.step(output if learned else output[:, :3], t, x, generator=generator).prev_sample
    return x.clamp(-1, 1)


def train(config):
    from diffusers import DDIMScheduler

    c, out, device = config["emblems"], config["paths"]["out"], open_device()
    torch.manual_seed(c["seed"])
    emblems = Emblems(config, device, c["seed"])
    net = Net(new_unet(c, emblems.classes).to(device, memory_format=layout(device)), c["compile"])
    shadow = Net(copy.deepcopy(net.unet)).eval()
    parameters, averages = list(net.parameters()), list(shadow.parameters())
    optimizer = adamw(parameters, device, lr=c["rate"], betas=(0.9, 0.99), weight_decay=1e-2)
    clock, n, abars = Clock(c["seconds"]), c["batch"], abars_of(device)
    state = State(config, c["name"], clock, c["save"], net=net, shadow=shadow, optimizer=optimizer)
    first = step = state.load()
    log(c["objective"], sum(p.numel() for p in parameters) / 1e6, "M,", len(emblems.labels), "drawings,", int(emblems.held_out.sum()), "held out")
    while clock.share() < 1:
        for group in optimizer.param_groups:
            group["lr"] = c["rate"] * cosine(clock.share(), step, c["warmup"], hold=c["hold"])
        x0, labels = emblems.draw(n)
        with mixed(device):
            total = loss(c["objective"], lambda x, t: net(x, t, labels), x0, abars, first=discretized_nll)  # noqa: B023
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        average(averages, parameters, min(c["ema"], (1 + step) / (10 + step)))
        clock.begin()
        if step % 200 == 0:
            log(f"{c['name']} {step} share {clock.share():.3f} loss {total.item():.4f} {clock.rate((step - first) * n):.0f} pictures/s")
        step += 1
        if state.due():
            state.save(step)
            write(config, shadow)
    write(config, shadow)
    log(c["name"], "steps", step, "pictures", step * n)
    scheduler = DDIMScheduler(set_alpha_to_one=True, **SCHEDULER)
    save_grid(sample(shadow, torch.arange(emblems.classes, device=device), scheduler, c["look"], 1), f"{out}/{c['name']}.jpg", columns=12, scale=2)
    state.end()


if __name__ == "__main__":
    if sys.argv[1:2] == ["pack"]:
        pack(load_config())
    else:
        train(load_config())
