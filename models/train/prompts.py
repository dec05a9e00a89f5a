"""The fixed test: what is never trained on (held-out.json), and the prompts with their seeds (test-prompts.json).

`python prompts.py` writes both from their seeds; they are committed, with the judge's hash, before a model is trained.
"""
import json
import random

from common import load_config
from scenes import DEFAULT_STYLE, PLACES, RELATIONS, STYLES, SceneSampler, Sprites, article, make_held_out

COUNTS = {"single": 160, "pair": 120, "place": 80, "style": 80, "colour": 80}
WORDS = {"left": "to the left of", "right": "to the right of", "above": "above", "below": "below", "front": "in front of"}


def make_prompts(sprites, held_out, seed=519):
    """One entry a prompt: what it says, its seed, and what the judge must find."""
    rng = random.Random(seed)
    sampler = SceneSampler(sprites, {}, seed)
    spoken = {}  # a concept's name in a prompt: its default drawing's
    for c, drawings in sprites.by[DEFAULT_STYLE].items():
        spoken[sprites.concepts[c]] = sprites.images[drawings[0]]["caption"]
    singles = []
    while len(singles) < COUNTS["single"]:
        c = sampler.concept(DEFAULT_STYLE)
        if sprites.group[c] != "symbols" and sprites.concepts[c] not in singles:
            singles.append(sprites.concepts[c])
    out = []

    def add(kind, prompt, concepts, **expects):
        out.append(dict(kind=kind, prompt=prompt, seed=1000 + len(out), concepts=concepts, **{"place": "plain", "style": DEFAULT_STYLE, **expects}))

    for name in singles:
        add("single", article(spoken[name]), [name])
    for k, (a, b) in enumerate(rng.sample(held_out["pairs"], COUNTS["pair"])):
        relation = RELATIONS[k % len(RELATIONS)]
        add("pair", f"{article(spoken[a])} {WORDS[relation]} {article(spoken[b])}", [a, b], relation=relation)
    for name, place in rng.sample(held_out["places"], COUNTS["place"]):
        add("place", f"{article(spoken[name])} {next(p for p in PLACES if p.name == place).phrases[0]}", [name], place=place)
    for name, style in rng.sample(held_out["styles"], COUNTS["style"]):
        add("style", f"{article(spoken[name])}, {STYLES[style]}", [name], style=style)
    for name, colour in rng.sample(held_out["colours"], COUNTS["colour"]):
        add("colour", article(f"{colour} {spoken[name]}"), [name], colour=colour)
    return out


def lines(value):
    return "[\n" + ",\n".join(json.dumps(v, ensure_ascii=False) for v in value) + "\n]"


if __name__ == "__main__":
    config = load_config()
    sprites = Sprites(config["paths"]["sprites"], with_pictures=False)
    held_out = make_held_out(sprites)
    with open("held-out.json", "w") as f:
        f.write("{\n" + ",\n".join(f'"{k}": {lines(v)}' for k, v in held_out.items()) + "\n}\n")
    with open("test-prompts.json", "w") as f:
        f.write(lines(make_prompts(sprites, held_out)) + "\n")
