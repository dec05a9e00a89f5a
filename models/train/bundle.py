"""The bundled model from the newest parts, in diffusers layout: `python bundle.py FOLDER` (for the app: ../starter).

Half-precision safetensors, the "Fast" LoRA, the tower of classifier guidance, and manifest.json (src/model/weights/manifest.ts): the
page's defaults, factors for previews, the words that were trained, examples, every file's size and SHA-256.
"""
import hashlib
import json
import os
import shutil
import sys

import numpy as np
import torch
import torch.nn.functional as F

from common import load_config, log, newest, open_device
from denoiser import PREDICTIONS, SCHEDULER, load_encoder, load_unet
from scenes import COLOURS, COUNTS, PLACES, STYLES, Renderer, SceneSampler, Sprites, load_held_out, plural
from text import load_vae

LIMIT = 50_000_000
PARTS = dict(scheduler=["diffusers", "DDIMScheduler"], text_encoder=["transformers", "CLIPTextModel"], tokenizer=["transformers", "CLIPTokenizer"], unet=["diffusers", "UNet2DConditionModel"],
             vae=["diffusers", "AutoencoderKL"], safety_checker=[None, None], feature_extractor=[None, None])  # fmt: skip
EXAMPLES = ["a red apple", "a penguin in the snow", "a purple cat", "a fox to the left of a tree", "a house at sunset", "a rocket in space, flat emoji",
            "three mushrooms in a green meadow", "a pizza on a yellow background, pixel art"]  # fmt: skip


@torch.no_grad()
def preview_factors(vae, sprites, config, device, count=128):
    """RGB in -1..1 from the latents the UNet sees, by least squares: a row for each channel, then the bias."""
    sampler = SceneSampler(sprites, load_held_out(config), 12)
    rows = torch.from_numpy(np.stack([sampler.draw()[2] for _ in range(count)]))
    images = Renderer(sprites, config["data"]["size"], device, 12)(rows)
    z = vae.encode(images).latent_dist.mean * vae.config.scaling_factor
    x = torch.cat([z, torch.ones_like(z[:, :1])], 1).movedim(1, -1).flatten(0, -2).double().cpu()
    y = F.interpolate(images, z.shape[-2:], mode="area").movedim(1, -1).flatten(0, -2).double().cpu()
    factors = torch.linalg.lstsq(x, y).solution
    log("preview factors explain", round(1 - ((x @ factors - y).var() / y.var()).item(), 3), "of the variance")
    return [[round(v, 4) for v in row] for row in factors.tolist()]


def words_of(sprites):
    """Every word that a caption may hold."""
    said = {*COLOURS, *COUNTS.values(), *STYLES.values(), *(phrase for p in PLACES for phrase in p.phrases)}
    said |= {"a an and next to beside in front of behind above over below under on the left right of big small background"}
    for image, synonyms in zip(sprites.images, sprites.synonyms):
        said |= {image["name"], image["caption"], plural(image["name"]), plural(image["caption"]), *synonyms}
    return sorted({word.strip(".,:;!?()’'“”\"") for phrase in said for word in phrase.lower().split()} - {""})


def manifest(folder, vae, sprites, config, device):
    files = sorted(os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names if name != "manifest.json")
    entries = []
    for path in files:
        with open(f"{folder}/{path}", "rb") as f:
            data = f.read()
        entries.append({"path": path, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()})
    return {
        "v": 1,
        "name": "Easel Starter",
        "summary": "Paints animals, food, plants, vehicles and other things by name, one to three together, in ten drawing styles, any of ten colours and fifteen scenes.",
        "defaults": {"sampler": "ddim", "schedule": "automatic", "steps": 20, "cfgScale": 5, "width": config["data"]["size"], "height": config["data"]["size"], "eta": 0},
        **({"fast": {"lora": "lora/fast.safetensors", "sampler": "lcm", "steps": config["distill"]["steps"][-1], "cfgScale": 1}} if "lora/fast.safetensors" in files else {}),
        **({"guidance": "guidance/tower.safetensors"} if "guidance/tower.safetensors" in files else {}),
        "examples": EXAMPLES,
        "files": entries,
        "previewFactors": preview_factors(vae, sprites, config, device),
        "words": words_of(sprites),
    }


def make(config, folder):
    from diffusers import DDIMScheduler

    device = open_device()
    tokenizer, extras = newest(config, "tokenizer"), {"lora/fast.safetensors": newest(config, "fast.safetensors"), "guidance/tower.safetensors": newest(config, "tower.safetensors")}
    work = f"{folder}.part"
    shutil.rmtree(work, ignore_errors=True)
    vae = load_vae(config, device)
    for module, name in ((load_unet(config), "unet"), (load_encoder(config), "text_encoder")):
        module.half().save_pretrained(f"{work}/{name}")
    load_vae(config, "cpu").half().save_pretrained(f"{work}/vae")
    DDIMScheduler(prediction_type=PREDICTIONS[config["denoiser"]["objective"]], **SCHEDULER).save_pretrained(f"{work}/scheduler")
    shutil.copytree(tokenizer, f"{work}/tokenizer")
    with open(f"{work}/model_index.json", "w") as f:
        json.dump({"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.40.0", **PARTS, "requires_safety_checker": False}, f, indent=1)
    for name, path in extras.items():
        if path:
            os.makedirs(os.path.dirname(f"{work}/{name}"), exist_ok=True)
            shutil.copy(path, f"{work}/{name}")
    sprites = Sprites(config["paths"]["sprites"])
    with open(f"{work}/manifest.json", "w") as f:
        f.write(json.dumps(manifest(work, vae, sprites, config, device), indent=1, ensure_ascii=False) + "\n")
    size = sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(work) for name in names)
    log(f"{size:,} bytes of at most {LIMIT:,}; in it:", ", ".join(k for k, v in extras.items() if v) or "neither LoRA nor tower")
    if size > LIMIT:
        raise SystemExit(f"{work} has {size:,} bytes, over the limit of {LIMIT:,}: lower distill.rank or text.tower.")
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(work, folder)


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("--"):
        raise SystemExit("usage: python bundle.py FOLDER [--set section.key=value]")
    make(load_config(), sys.argv[1])
