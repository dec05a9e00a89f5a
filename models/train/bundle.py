"""The bundled model from the newest parts, in diffusers layout: `python bundle.py FOLDER` (for the app: ../starter).

Half-precision safetensors, the "Fast" LoRA, classifier guidance (src/model/running/name-classifier.ts: the tower, the
names it tells apart, a feature vector for each), and manifest.json (src/model/weights/manifest.ts): the page's
defaults, what it paints (repertoire.py), examples, every file's size and SHA-256. The previews' factors of the bundle
that it takes the place of are kept; of another autoencoder src/cli/preview-factors.ts fits new ones.
"""
import hashlib
import json
import os
import shutil
import sys

import torch
from safetensors.torch import load_file, save_file

from common import load_config, log, newest
from denoiser import PREDICTIONS, SCHEDULER, load_encoder, load_unet, load_words
from repertoire import repertoire
from scenes import DEFAULT_STYLE, Sprites, article
from text import load_vae, sentence

LIMIT = 50_000_000
PARTS = dict(scheduler=["diffusers", "DDIMScheduler"], text_encoder=["transformers", "CLIPTextModel"], tokenizer=["transformers", "CLIPTokenizer"], unet=["diffusers", "UNet2DConditionModel"],
             vae=["diffusers", "AutoencoderKL"], safety_checker=[None, None], feature_extractor=[None, None])  # fmt: skip
EXAMPLES = ["a red apple", "a penguin in the snow", "a purple cat", "a fox to the left of a tree", "a house at sunset", "a rocket in space, flat emoji",
            "three mushrooms in a green meadow", "a tiger on a yellow background, pixel art"]  # fmt: skip


@torch.no_grad()
def guidance(path, folder, sprites, encoder, words, config):
    """tower.safetensors as text.py wrote it, with the names' features in place of the text's projection, and the names."""
    held = load_file(path)
    projection = torch.nn.Linear(config["text"]["width"], config["text"]["width"], bias=False)
    projection.weight.data.copy_(held.pop("projection.weight").float())
    names = list(dict.fromkeys(sprites.images[drawings[0]]["caption"] for drawings in sprites.by[DEFAULT_STYLE].values()))
    tokens = words([article(name) for name in names]).long()
    held["features"] = torch.cat([sentence(encoder, projection, part, words.end) for part in tokens.split(256)]).half().contiguous()
    os.makedirs(folder)
    save_file(held, f"{folder}/tower.safetensors")
    with open(f"{folder}/names.json", "w") as f:
        json.dump(names, f, ensure_ascii=False)


def manifest(folder, sprites, config, factors):
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
        **({"fast": {"lora": "lora/fast.safetensors", "sampler": "ddim", "steps": config["distill"]["steps"], "cfgScale": 1}} if "lora/fast.safetensors" in files else {}),
        "examples": EXAMPLES,
        "files": entries,
        **({"previewFactors": factors} if factors else {}),
        "paints": repertoire(sprites),
    }


def unnamed(path):
    """Takes the name of the folder that a network was read from out of its config."""
    with open(path) as f:
        config = json.load(f)
    config.pop("_name_or_path", None)
    with open(path, "w") as f:
        json.dump(config, f, indent=1)
        f.write("\n")


def kept_factors(folder):
    """For live previews, of the bundle in a folder; none where there is none."""
    try:
        with open(f"{folder}/manifest.json") as f:
            return json.load(f).get("previewFactors")
    except FileNotFoundError:
        return None


def make(config, folder):
    from diffusers import DDIMScheduler

    lora, tower = newest(config, config["distill"]["file"]), newest(config, "tower.safetensors")
    work = f"{folder}.part"
    shutil.rmtree(work, ignore_errors=True)
    sprites, encoder = Sprites(config["paths"]["sprites"]), load_encoder(config)
    if tower:
        guidance(tower, f"{work}/guidance", sprites, encoder, load_words(config), config)
    for module, name in ((load_unet(config), "unet"), (encoder, "text_encoder"), (load_vae(config, "cpu"), "vae")):
        module.half().save_pretrained(f"{work}/{name}")
        unnamed(f"{work}/{name}/config.json")
    DDIMScheduler(prediction_type=PREDICTIONS[config["denoiser"]["objective"]], **SCHEDULER).save_pretrained(f"{work}/scheduler")
    shutil.copytree(newest(config, "tokenizer"), f"{work}/tokenizer")
    with open(f"{work}/model_index.json", "w") as f:
        json.dump({"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.40.0", **PARTS, "requires_safety_checker": False}, f, indent=1)
    if lora:
        os.makedirs(f"{work}/lora")
        shutil.copy(lora, f"{work}/lora/fast.safetensors")
    with open(f"{work}/manifest.json", "w") as f:
        f.write(json.dumps(manifest(work, sprites, config, kept_factors(folder)), indent=1, ensure_ascii=False) + "\n")
    size = sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(work) for name in names)
    log(f"{size:,} bytes of at most {LIMIT:,}; in it:", "a LoRA," if lora else "no LoRA,", "classifier guidance" if tower else "no classifier guidance")
    if size > LIMIT:
        raise SystemExit(f"{work} has {size:,} bytes, over the limit of {LIMIT:,}: lower distill.rank or text.tower.")
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(work, folder)


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("--"):
        raise SystemExit("usage: python bundle.py FOLDER [--set section.key=value]")
    make(load_config(), sys.argv[1])
