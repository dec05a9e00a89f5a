"""Scenes composed from captioned drawings: what stands where (CPU, in worker processes) and how it looks (GPU).

`SceneSampler` draws scenes at random: captions, labels and a row of numbers each. `Renderer` turns rows into pictures.
Run it to see some: `python scenes.py preview.jpg`.
"""
import collections
import dataclasses
import glob
import io
import json
import math
import random
import re
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from common import load_config, log

# ---------------------------------------------------------------------------------------------------------- words

DEFAULT_STYLE = "3d"  # what a prompt without a style means
STYLES = {  # the data's style: words in a caption
    "3d": "glossy 3d render",
    "noto": "soft shaded emoji",
    "flat": "flat emoji",
    "fluent": "flat rounded illustration",
    "blob": "blob cartoon emoji",
    "two": "cartoon sticker",
    "fx": "simple flat icon",
    "line": "outlined cartoon drawing",
    "silhouette": "silhouette",
    "pixel": "pixel art",
}
STYLE_SHARES = [0.40, 0.08, 0.08, 0.08, 0.06, 0.06, 0.05, 0.06, 0.05, 0.08]

GROUP_WEIGHTS = {  # how often a concept of the group is drawn, relative to the others
    "animals": 6, "food": 5, "plants": 6, "places": 4, "vehicles": 5, "objects": 3, "clothing": 4, "activities": 4,
    "sky/weather": 3, "faces": 1.5, "people": 2, "symbols": 0.7,
}  # fmt: skip

COLOURS = {
    "red": (220, 45, 45), "orange": (242, 140, 40), "yellow": (247, 208, 60), "green": (70, 170, 75),
    "teal": (40, 160, 160), "blue": (55, 105, 215), "purple": (135, 75, 195), "pink": (242, 135, 180),
    "brown": (135, 90, 55), "black": (35, 35, 40), "gray": (140, 142, 148), "white": (250, 250, 250),
}  # fmt: skip
PAINTS = [name for name in COLOURS if name not in ("white", "gray", "black")]  # what "a purple cat" may ask for
PLAIN = (237, 239, 243)  # the ground of a prompt that names none
RELATIONS = ["left", "right", "above", "below", "front"]  # of the first thing named, relative to the second
COUNTS = {2: "two", 3: "three", 4: "four"}


@dataclasses.dataclass(frozen=True)
class Place:
    """A background: sky from top to bottom colour, ridges back to front, ground from far to near."""

    name: str
    phrases: tuple
    sky: tuple
    ground: tuple
    horizon: tuple = (0.58, 0.7)
    stands: bool = True  # things stand on the ground, with a shadow
    clouds: float = 0.0
    stars: float = 0.0
    sun: tuple = None  # radius, colour
    ridges: tuple = ()  # (kind, height, colour): kind 0 hills, 1 peaks, 2 blocks, 3 trees
    texture: float = 0.05
    windows: float = 0.0
    rays: float = 0.0
    falling: tuple = None  # length, slant, density of flakes or drops
    sea: tuple = None  # colour of a band above the ground


PLACES = [
    Place("meadow", ("in a green meadow under a blue sky", "in a green meadow", "on the grass"),
          ((90, 160, 235), (190, 225, 250)), ((125, 195, 95), (85, 165, 70)), clouds=0.5, ridges=((0, 0.1, (130, 185, 120)),)),
    Place("beach", ("on a sandy beach by the sea", "on the beach", "on a sandy beach"),
          ((95, 175, 240), (190, 228, 250)), ((240, 220, 165), (228, 198, 135)), clouds=0.3, sun=(0.06, (255, 240, 180)), sea=(35, 135, 195)),
    Place("desert", ("in the desert", "in a sandy desert", "among desert dunes"),
          ((150, 200, 240), (250, 225, 180)), ((232, 190, 120), (215, 160, 90)), sun=(0.07, (255, 235, 170)), ridges=((0, 0.14, (225, 175, 105)),)),
    Place("snow", ("in the snow", "in a snowy landscape", "in the snow in winter"),
          ((165, 195, 230), (222, 233, 246)), ((250, 252, 254), (228, 236, 246)), texture=0.02, ridges=((3, 0.12, (150, 175, 190)),), falling=(1, 0, 0.6)),
    Place("night", ("at night under the stars", "at night", "under a starry night sky"),
          ((10, 14, 45), (40, 50, 105)), ((32, 48, 58), (18, 28, 38)), (0.65, 0.78), stars=1, sun=(0.07, (245, 243, 220)), ridges=((0, 0.08, (25, 35, 60)),)),
    Place("sunset", ("at sunset", "at sunset under an orange sky", "in the light of the sunset"),
          ((95, 60, 135), (252, 155, 90)), ((85, 65, 70), (50, 40, 55)), (0.62, 0.75), sun=(0.1, (255, 215, 120)), ridges=((0, 0.1, (110, 70, 95)),)),
    Place("space", ("in space", "in outer space", "floating in space among the stars"),
          ((6, 6, 22), (24, 14, 54)), ((24, 14, 54), (24, 14, 54)), (2.0, 2.1), False, stars=1.6),
    Place("underwater", ("under water", "under the sea", "deep under the sea"),
          ((75, 185, 215), (10, 62, 125)), ((150, 165, 130), (105, 125, 110)), (0.86, 0.94), False, rays=1, falling=(1, 0, 0.12)),
    Place("city", ("in a city", "in the city in front of tall buildings", "on a city street"),
          ((135, 185, 230), (215, 228, 240)), ((120, 122, 130), (90, 92, 100)), (0.68, 0.76), texture=0.02, windows=1,
          ridges=((2, 0.5, (150, 165, 190)), (2, 0.32, (105, 115, 140)))),
    Place("forest", ("in a forest", "in a dark green forest", "among the trees of a forest"),
          ((120, 175, 165), (180, 210, 175)), ((70, 105, 55), (48, 78, 42)), (0.66, 0.76), ridges=((3, 0.5, (65, 120, 85)), (3, 0.36, (35, 88, 55)))),
    Place("mountains", ("in the mountains", "in front of high mountains", "in a mountain landscape"),
          ((100, 160, 225), (210, 228, 245)), ((120, 160, 100), (90, 130, 80)), (0.7, 0.78), clouds=0.3,
          ridges=((1, 0.48, (150, 160, 190)), (1, 0.28, (105, 120, 150)))),
    Place("clouds", ("in the sky among the clouds", "in the clouds", "high in the sky"),
          ((75, 150, 230), (175, 215, 248)), ((175, 215, 248), (175, 215, 248)), (2.0, 2.1), False, clouds=1.4),
    Place("rain", ("in the rain", "on a rainy day", "under a gray rainy sky"),
          ((95, 105, 120), (150, 160, 172)), ((100, 115, 110), (75, 88, 88)), clouds=0.25, falling=(14, 0.25, 1.0)),
    Place("room", ("in a room with a wooden floor", "in a room", "in a cosy room"),
          ((238, 222, 200), (230, 210, 185)), ((176, 120, 72), (150, 98, 56)), (0.72, 0.8), texture=0.03),
    Place("autumn", ("in an autumn forest", "among autumn trees", "in autumn"),
          ((170, 205, 230), (240, 225, 195)), ((190, 130, 60), (160, 100, 45)), (0.66, 0.76), ridges=((3, 0.48, (225, 150, 60)), (3, 0.33, (200, 90, 45)))),
]  # fmt: skip
PLACE_NAMES = ["plain"] + [p.name for p in PLACES] + list(COLOURS)  # the judge's classes

# Signs, near-doubles of another drawing and what no prompt would name.
SKIPPED = re.compile(
    r"button|input|o'clock|thirty|trackball|pager|(increasing|decreasing)|mailbox with (lowered|raised)|open mailbox|"
    r"inbox|outbox|incoming|envelope with|card index|dividers|(waxing|waning|quarter) |medium volume|low volume|muted|"
    r"with slash|tilted right|page facing|with curl|banknote|locked with|mail with|Asia|Africa|hourglass not|low battery|"
    r"without snow|done$|sun behind (small|large)|mobile phone with|optical disk|videocassette|tear-off|spiral|bookmark tabs|rolled-up"
)
KEPT_SYMBOLS = re.compile(r"^(red|blue|yellow|green|purple|broken|sparkling) heart$|two hearts|star|sparkle|recycl|peace|radioactive|warning|stop sign|footprints|pirate flag|rainbow flag|yin yang|infinity|collision")
COLOUR_WORD = re.compile(rf"\b({'|'.join(COLOURS)}|grey)\b")
GENDER = re.compile(r"^(man|woman|men|women|person|people|boy|girl) (?=\w)")


def concept_of(name, group):
    """The concept a drawing shows: people who differ by gender only are one."""
    if group != "people":
        return name
    return {"man": "person", "woman": "person", "old man": "older person", "old woman": "older person"}.get(name, GENDER.sub("", name))


def wanted(image):
    name, group = image["name"], image["group"]
    if image["style"] not in STYLES or SKIPPED.search(name):
        return False
    if group == "symbols":
        return bool(KEPT_SYMBOLS.search(name)) and "medium" not in name
    if group == "people":
        return "-" not in image["id"] and ":" not in name and not re.search(r"pointing|-facing|hand$|gesturing|pouting|frowning", name)
    return True


def is_plural(name):
    last = name.split()[-1]
    return bool(re.search(r"[^su]s$", last)) and last not in ("compass", "gas", "cross", "lens", "Christmas", "tennis", "chess")


def article(name):
    return name if is_plural(name) else ("an " if name[0].lower() in "aeiou" and not name.startswith(("unicorn", "uni", "euro", "one")) else "a ") + name


def plural(name):
    irregular = {"mouse": "mice", "person": "people", "child": "children", "fish": "fish", "sheep": "sheep", "leaf": "leaves",
                 "wolf": "wolves", "goose": "geese", "tooth": "teeth", "foot": "feet", "knife": "knives", "deer": "deer"}  # fmt: skip
    *head, last = name.split()
    if is_plural(name):
        return name
    if last in irregular:
        last = irregular[last]
    elif re.search(r"(s|x|z|ch|sh)$", last):
        last += "es"
    elif re.search(r"[^aeiou]y$", last):
        last = last[:-1] + "ies"
    else:
        last += "s"
    return " ".join([*head, last])


# -------------------------------------------------------------------------------------------------------- drawings


class Sprites:
    """The drawings and their names. `pictures` is N x 128 x 128 x 4 bytes; concepts are those that the default style draws."""

    def __init__(self, folder, with_pictures=True):
        with open(f"{folder}/sprites.json") as file:
            images = [m for m in json.load(file)["images"] if wanted(m)]
        drawn = {concept_of(m["name"], m["group"]) for m in images if m["style"] == DEFAULT_STYLE}
        self.images = [m for m in images if concept_of(m["name"], m["group"]) in drawn]
        self.concepts = sorted(drawn)
        index = {c: i for i, c in enumerate(self.concepts)}
        self.concept = np.array([index[concept_of(m["name"], m["group"])] for m in self.images])
        self.group = {}
        for m, c in zip(self.images, self.concept):
            self.group.setdefault(int(c), m["group"])
        self.by = collections.defaultdict(lambda: collections.defaultdict(list))  # style -> concept -> drawings
        for i, m in enumerate(self.images):
            self.by[m["style"]][int(self.concept[i])].append(i)
        self.synonyms = self._synonyms()
        if with_pictures:
            self._decode(folder)

    def _synonyms(self):
        """Keywords of the data that name at most two concepts, and are no concept's own name."""
        named = collections.defaultdict(set)
        for m, c in zip(self.images, self.concept):
            for k in m.get("keywords") or []:
                named[k].add(int(c))
        own = {m["name"] for m in self.images} | {m["caption"] for m in self.images}
        return [[k for k in m.get("keywords") or [] if len(named[k]) <= 2 and k not in own and len(k) > 3] for m in self.images]

    def _decode(self, folder):
        blobs = {}
        for path in glob.glob(f"{folder}/*.zip"):
            with zipfile.ZipFile(path) as z:
                blobs.update({n: z.read(n) for n in z.namelist()})
        with ThreadPoolExecutor(12) as pool:
            self.pictures = np.stack(list(pool.map(lambda m: np.asarray(Image.open(io.BytesIO(blobs[m["file"]])).convert("RGBA")), self.images)))
        solid = self.pictures[..., 3] > 100
        self.bottom = np.array([(np.nonzero(x.any(1))[0].max() + 1) / 128 if x.any() else 1.0 for x in solid], np.float32)
        self.width = solid.any(1).mean(1).astype(np.float32)


# ---------------------------------------------------------------------------------------------------------- scenes

THINGS = 4
THING = ["sprite", "x", "y", "size", "bottom", "width", "shadow", "flip", "tint", "red", "green", "blue"]
GROUND = [  # one row of numbers describes a background
    *(f"{part}_{c}" for part in ("top", "low", "far", "near", "sun", "sea", "ridge0", "ridge1") for c in "rgb"),
    "flat", "horizon", "clouds", "stars", "sun_x", "sun_y", "sun_size", "sea_height", "texture", "windows", "rays",
    "fall_length", "fall_slant", "fall_density", "kind0", "height0", "kind1", "height1",
]  # fmt: skip


@dataclasses.dataclass
class Thing:
    concept: int
    drawing: int
    colour: str = ""
    big: str = ""


@dataclasses.dataclass
class Scene:
    """What a caption says; the row for the renderer is drawn from it."""

    things: list
    style: str
    place: str = "plain"
    relation: str = ""  # "" for one thing, one of RELATIONS, "and", or "count"


class SceneSampler:
    """Random scenes that avoid the held-out combinations; the same seed gives the same scenes.

    @param held_out dict of lists of pairs: `pairs` (concept, concept), `places`, `styles`, `colours` (concept, word).
    @param default_style how large a share of the scenes has the default style; None: STYLE_SHARES as they stand.
    """

    def __init__(self, sprites, held_out, seed, default_style=None):
        self.sprites = sprites
        usual = STYLE_SHARES[0]
        rest = 1.0 if default_style is None else (1 - default_style) / (1 - usual)
        self.style_shares = [usual if default_style is None else default_style, *(share * rest for share in STYLE_SHARES[1:])]
        self.random = random.Random(seed)
        self.held_out = {k: {tuple(sorted(v) if k == "pairs" else v) for v in held_out.get(k, [])} for k in ("pairs", "places", "styles", "colours")}
        self.pools = {}
        for style in STYLES:
            concepts = list(sprites.by[style])
            weights = [GROUP_WEIGHTS[sprites.group[c]] for c in concepts]
            self.pools[style] = (concepts, list(np.cumsum(weights)))

    def concept(self, style):
        concepts, weights = self.pools[style]
        return self.random.choices(concepts, cum_weights=weights)[0]

    def thing(self, style, p_colour=0.2):
        concept = self.concept(style)
        painted = self.random.random() < p_colour and not COLOUR_WORD.search(self.sprites.concepts[concept])
        colour = self.random.choice(PAINTS) if painted else ""
        return Thing(concept, self.random.choice(self.sprites.by[style][concept]), colour)

    def allowed(self, scene):
        """Whether the scene has none of the combinations kept for the test."""
        name = self.sprites.concepts
        for t in scene.things:
            c = name[t.concept]
            if (c, scene.place) in self.held_out["places"] or (c, scene.style) in self.held_out["styles"] or (c, t.colour) in self.held_out["colours"]:
                return False
        ids = [name[t.concept] for t in scene.things]
        return not any(tuple(sorted((a, b))) in self.held_out["pairs"] for i, a in enumerate(ids) for b in ids[i + 1 :])

    def scene(self):
        r = self.random.random
        while True:
            style = self.random.choices(list(STYLES), self.style_shares)[0]
            q = r()
            place = "plain" if q < 0.3 else self.random.choice(list(COLOURS)) if q < 0.5 else self.random.choice(PLACES).name
            if style == "silhouette" and place in ("black", "night", "space", "brown"):
                place = "plain"
            q = r()
            if q < 0.56:
                things, relation = [self.thing(style, 0.25)], ""
            elif q < 0.84:
                things = [self.thing(style), self.thing(style)]
                relation = self.random.choices(["left", "right", "above", "below", "front", "and"], [0.2, 0.2, 0.1, 0.1, 0.15, 0.25])[0]
                if things[0].concept == things[1].concept:
                    continue
            elif q < 0.9:
                things, relation = [self.thing(style, 0.15) for _ in range(3)], "and"
                if len({t.concept for t in things}) < 3:
                    continue
            else:
                t = self.thing(style)
                if is_plural(self.sprites.concepts[t.concept]):
                    continue
                things, relation = [t] * self.random.choice([2, 2, 3, 3, 4]), "count"
            scene = Scene(things, style, place, relation)
            if self.allowed(scene):
                return scene

    # -- words

    def noun(self, thing):
        image = self.sprites.images[thing.drawing]
        synonyms = self.sprites.synonyms[thing.drawing]
        q = self.random.random()
        if synonyms and q < 0.04:
            return self.random.choice(synonyms)
        return image["caption"] if q < 0.5 else image["name"]

    def phrase(self, thing):
        words = " ".join(w for w in (thing.big, thing.colour, self.noun(thing)) if w)
        return article(words) if self.random.random() < 0.85 else words

    def caption(self, scene):
        choice, r = self.random.choice, self.random.random
        first = self.phrase(scene.things[0])
        if scene.relation == "count":
            t = scene.things[0]
            text = " ".join(w for w in (COUNTS[len(scene.things)], t.colour, plural(self.noun(t))) if w)
        elif len(scene.things) == 1:
            text = first
        elif len(scene.things) == 3:
            text = f"{first}, {self.phrase(scene.things[1])} and {self.phrase(scene.things[2])}"
        else:
            second = self.phrase(scene.things[1])
            words = {"left": ("to the left of", "on the left of", "left of"), "right": ("to the right of", "on the right of", "right of"),
                     "above": ("above", "over"), "below": ("below", "under"), "front": ("in front of",), "and": ("and", "next to", "beside")}  # fmt: skip
            text = f"{first} {choice(words[scene.relation])} {second}"
            if scene.relation == "front" and r() < 0.4:
                text = f"{second} behind {first}"
        if scene.place in COLOURS:
            text += choice((f" on a {scene.place} background", f", {scene.place} background"))
        elif scene.place != "plain":
            text += " " + choice(next(p for p in PLACES if p.name == scene.place).phrases)
        style = STYLES[scene.style]
        if scene.style != DEFAULT_STYLE or r() < 0.25:
            q = r()
            text = f"{text}, {style}" if q < 0.6 else f"{style} of {text}" if q < 0.8 else f"{style}, {text}"
        return text

    # -- numbers

    def layout(self, scene, stands):
        """x, y (of the centre) and size of each thing, as shares of the picture, back to front."""
        U, n, s = self.random.uniform, len(scene.things), self.sprites
        floor = lambda t, size, line: line - (s.bottom[t.drawing] - 0.5) * size  # noqa: E731
        level = lambda t, size: floor(t, size, U(0.84, 0.93)) if stands else 0.5 + U(-0.05, 0.05)  # noqa: E731
        if n == 1:
            t = scene.things[0]
            size = {"big": U(0.86, 0.95), "small": U(0.36, 0.48)}.get(t.big, U(0.55, 0.86))
            return [(0.5 + U(-0.06, 0.06), floor(t, size, U(0.85, 0.95)) if stands else 0.5 + U(-0.04, 0.04), size)]
        if scene.relation == "count" or n == 3:
            size = {2: 0.47, 3: 0.35, 4: 0.28}[n] * U(0.9, 1.05)
            line = U(0.82, 0.9)
            return [((k + 0.5) / n, (floor(t, size, line) if stands else 0.5) + U(-0.03, 0.03), size) for k, t in enumerate(scene.things)]
        a, b = U(0.42, 0.54), U(0.42, 0.54)
        first, second = scene.things
        relation = scene.relation
        if relation == "and":
            relation = self.random.choice(["left", "right"])
        if relation in ("left", "right"):
            x = (0.26, 0.74) if relation == "left" else (0.74, 0.26)
            return [(x[0], level(first, a), a), (x[1], level(second, b), b)]
        if relation in ("above", "below"):
            y = (0.26, 0.75) if relation == "above" else (0.75, 0.26)
            return [(0.5 + U(-0.05, 0.05), y[0], min(a, 0.48)), (0.5 + U(-0.05, 0.05), y[1], min(b, 0.48))]
        side = self.random.choice((-1, 1)) * U(0.12, 0.17)  # the first in front: lower, and over the second
        a, b = U(0.42, 0.52), U(0.55, 0.7)
        return [(0.5 + side, floor(first, a, 0.95) if stands else 0.66, a), (0.5 - side, floor(second, b, 0.86) if stands else 0.42, b)]

    def row(self, scene):
        """The numbers that the renderer reads: GROUND, then THINGS x THING, back to front."""
        U = self.random.uniform
        place = next((p for p in PLACES if p.name == scene.place), None)
        g = dict.fromkeys(GROUND, 0.0)

        def paint(part, colour, spread=0.02):
            for c, v in zip("rgb", colour):
                g[f"{part}_{c}"] = min(1.0, max(0.0, v / 255 + self.random.gauss(0, spread)))

        if place is None:
            spread = 0.004 if scene.place == "plain" else 0.015
            paint("top", PLAIN if scene.place == "plain" else COLOURS[scene.place], spread)
            g.update(flat=1.0, horizon=3.0)
        else:
            for part, colour in zip(("top", "low", "far", "near"), (*place.sky, *place.ground)):
                paint(part, colour)
            g.update(horizon=U(*place.horizon), clouds=place.clouds, stars=place.stars, texture=place.texture, windows=place.windows, rays=place.rays)
            if place.sun:
                paint("sun", place.sun[1])
                g.update(sun_x=U(0.1, 0.9), sun_y=U(0.1, 0.3), sun_size=place.sun[0] * U(0.8, 1.2))
            if place.sea:
                paint("sea", place.sea)
                g.update(sea_height=U(0.1, 0.16))
            if place.falling:
                g.update(fall_length=place.falling[0], fall_slant=place.falling[1], fall_density=place.falling[2])
            for k, (kind, height, colour) in enumerate(place.ridges):
                paint(f"ridge{k}", colour)
                g.update({f"kind{k}": kind, f"height{k}": height * U(0.8, 1.15)})
        stands = place is not None and place.stands
        drawn = list(zip(scene.things, self.layout(scene, stands)))
        if scene.relation == "front":
            drawn.reverse()
        rows = []
        for t, (x, y, size) in drawn:
            flips = self.sprites.group[t.concept] in ("animals", "plants", "food", "vehicles", "places", "clothing") and self.random.random() < 0.5
            tint = COLOURS[t.colour] if t.colour else (0, 0, 0)
            rows.append([t.drawing, x, y, size, self.sprites.bottom[t.drawing], self.sprites.width[t.drawing], float(stands), float(flips), float(bool(t.colour)), *(v / 255 for v in tint)])
        rows += [[0.0] * len(THING)] * (THINGS - len(rows))
        return np.array([*g.values(), *(v for row in rows for v in row)], np.float32), drawn

    def say(self):
        """One random scene and its caption, for which no drawing need be there."""
        scene = self.scene()
        if len(scene.things) == 1 and self.random.random() < 0.16:
            scene.things[0].big = self.random.choice(("big", "small"))
        return scene, self.caption(scene)

    def draw(self):
        """One random scene: it, its caption and its row."""
        scene, caption = self.say()
        return scene, caption, *self.row(scene)


class SceneStream(torch.utils.data.IterableDataset):
    """Endless scenes for a DataLoader. `encode(scene, drawn)` turns a scene into what a stage needs beside row and caption."""

    def __init__(self, sprites, held_out, seed, encode=None, default_style=None):
        self.sprites, self.held_out, self.seed, self.encode, self.default_style = sprites, held_out, seed, encode, default_style

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        sampler = SceneSampler(self.sprites, self.held_out, self.seed * 1000 + (worker.id if worker else 0), self.default_style)
        while True:
            scene, caption, row, drawn = sampler.draw()
            yield row, caption, self.encode(scene, drawn) if self.encode else 0


def stream(sprites, config, seed, batch, encode=None, default_style=None):
    """An endless iterator of (rows, captions, encoded) from worker processes."""

    def collate(items):
        rows, captions, extra = zip(*items)
        extra = torch.from_numpy(np.stack(extra)) if encode else None
        return torch.from_numpy(np.stack(rows)), list(captions), extra

    light = Sprites.__new__(Sprites)  # the workers do without the pictures
    light.__dict__.update({k: v for k, v in sprites.__dict__.items() if k != "pictures"})
    light.by = {s: dict(v) for s, v in sprites.by.items()}
    data = SceneStream(light, load_held_out(config), seed, encode, default_style)
    workers = config["data"]["workers"]
    ahead = dict(prefetch_factor=4, persistent_workers=True) if workers else {}
    return iter(torch.utils.data.DataLoader(data, batch, collate_fn=collate, num_workers=workers, **ahead))


# --------------------------------------------------------------------------------------------------------- pictures


class Renderer:
    """Rows to pictures, 3 x size x size in -1..1, on the device."""

    def __init__(self, sprites, size, device, seed):
        self.size, self.device = size, device
        self.generator = torch.Generator(device).manual_seed(seed)
        self.pictures = torch.from_numpy(sprites.pictures).permute(0, 3, 1, 2).contiguous().to(device)
        grey = (sprites.pictures[..., :3] @ np.array([0.299, 0.587, 0.114], np.float32)) / 255
        alpha = sprites.pictures[..., 3] / 255
        self.level = torch.from_numpy(((grey * alpha).sum((1, 2)) / alpha.sum((1, 2)).clip(1)).astype(np.float32)).to(device).clamp(0.15, 0.85)
        axis = (torch.arange(size, device=device) + 0.5) / size
        self.y, self.x = axis.view(1, 1, size, 1), axis.view(1, 1, 1, size)

    def noise(self, n, *cells):
        """Smooth noise from a coarse grid."""
        return F.interpolate(torch.randn(n, 1, *cells, device=self.device, generator=self.generator), (self.size, self.size), mode="bicubic", align_corners=False)

    def points(self, n, cells, density):
        """Bright dots of random strength, `density` the share of cells that have one."""
        strength = torch.rand(n, 1, cells, cells, device=self.device, generator=self.generator)
        shown = torch.rand(n, 1, cells, cells, device=self.device, generator=self.generator) < density
        return F.interpolate(strength * shown, (self.size, self.size), mode="bilinear", align_corners=False)

    def ridge(self, n, kind):
        """Height 0..1 of a line of hills, peaks, blocks or trees over x."""
        rand = lambda k: torch.rand(n, 1, k, device=self.device, generator=self.generator)  # noqa: E731
        grow = lambda v, mode: F.interpolate(v, self.size, mode=mode)  # noqa: E731
        hills = 0.5 + 0.5 * grow(rand(6), "linear")
        peaks = grow(rand(9), "linear")
        blocks = 0.35 + 0.65 * grow(rand(12), "nearest")
        u = self.x.view(1, 1, -1) * 11 % 1
        trees = 0.35 + 0.65 * (0.6 + 0.4 * grow(rand(11), "nearest")) * (1 - (2 * u - 1).abs())
        return torch.stack([hills, peaks, blocks, trees])[kind.long(), torch.arange(n, device=self.device)].unsqueeze(2)

    def ground(self, g):
        n, size = len(g["flat"]), self.size
        rgb = lambda part: torch.stack([g[f"{part}_{c}"] for c in "rgb"], 1).view(n, 3, 1, 1)  # noqa: E731
        of = lambda name: g[name].view(n, 1, 1, 1)  # noqa: E731
        mix = lambda a, b, w: a + (b - a) * w  # noqa: E731
        edge = lambda line: ((self.y - line) * size + 0.5).clamp(0, 1)  # noqa: E731
        horizon = of("horizon")
        image = mix(rgb("top"), rgb("low"), (self.y / horizon.clamp(max=1)).clamp(0, 1) * (1 - of("flat")))
        fade = (1.1 - self.y / horizon.clamp(max=1)).clamp(0, 1)
        image = image + (self.points(n, size // 2, 0.004) + self.points(n, size // 4, 0.004)) * of("stars")
        image = mix(image, torch.ones_like(image), torch.sigmoid((self.noise(n, 8, 5) - 0.45) * 7) * of("clouds").clamp(max=1) * fade.maximum(of("clouds") - 1) * 0.9)
        near = ((self.x - of("sun_x")) ** 2 + (self.y - of("sun_y")) ** 2).sqrt()
        shines = (of("sun_size") > 0).float()
        image = mix(image, rgb("sun"), shines * (((of("sun_size") - near) * size).clamp(0, 1)).maximum(0.35 * torch.exp(-near / (of("sun_size") + 1e-3) * 0.7)))
        for k in (0, 1):
            top = horizon - self.ridge(n, g[f"kind{k}"]) * of(f"height{k}")
            inside = edge(top) * (of(f"height{k}") > 0)
            image = mix(image, rgb(f"ridge{k}") * (1 - 0.25 * (self.y - top).clamp(0, 1)), inside)
            lit = F.interpolate((torch.rand(n, 1, 32, 32, device=self.device, generator=self.generator) < 0.4).float(), (size, size))
            frame = ((self.x * 32 % 1 > 0.3) & (self.y * 32 % 1 > 0.4)).float()
            image = mix(image, image.new_tensor([1.0, 0.92, 0.65]).view(1, 3, 1, 1), 0.75 * lit * frame * inside * of("windows") * edge(top + 0.02))
        image = mix(image, rgb("sea") * (0.9 + 0.1 * torch.sin(self.y * 160)), edge(horizon - of("sea_height")) * (of("sea_height") > 0))
        wave = horizon + self.noise(n, 4, 4) * 0.012 * (1 - of("flat"))
        below = edge(wave)
        earth = mix(rgb("far"), rgb("near"), ((self.y - wave) / (1 - horizon).clamp(min=0.05)).clamp(0, 1)) + of("texture") * self.noise(n, 24, 10)
        image = mix(image, earth, below)
        ray = torch.sin((self.x + 0.25 * self.y) * 26 + self.noise(n, 2, 3) * 2).clamp(min=0) * (1 - self.y)
        image = image + 0.12 * ray * of("rays")
        return image.clamp(0, 1)

    def falling(self, g):
        """Flakes, drops or bubbles, over everything."""
        n, size = len(g["flat"]), self.size
        drops = self.points(n, size // 3, 0.02) * g["fall_density"].view(n, 1, 1, 1)
        streak = F.avg_pool2d(F.pad(drops, (0, 0, 7, 7)), (15, 1), 1) * 5
        return torch.where(g["fall_length"].view(n, 1, 1, 1) > 1, streak, drops).clamp(0, 1)

    @torch.no_grad()
    def __call__(self, rows):
        n = len(rows)
        rows = rows.to(self.device, non_blocking=True)
        g = dict(zip(GROUND, rows[:, : len(GROUND)].unbind(1)))
        image = self.ground(g)
        drops = self.falling(g)
        image = image + (1 - image) * drops * 0.8
        for layer in rows[:, len(GROUND) :].view(n, THINGS, len(THING)).unbind(1):
            t = {k: v.view(n, 1, 1, 1) for k, v in zip(THING, layer.unbind(1))}
            shown = (t["size"] > 0).float()
            foot = t["y"] + (t["bottom"] - 0.5) * t["size"]
            shade = torch.exp(-(((self.x - t["x"]) / (0.42 * t["width"] * t["size"] + 1e-3)) ** 2) - ((self.y - foot) / (0.05 * t["size"] + 1e-3)) ** 2)
            image = image * (1 - 0.38 * shade * t["shadow"] * shown)
            index = layer[:, 0].long()
            sprite = self.pictures[index].float() / 255
            colour, alpha = sprite[:, :3], sprite[:, 3:]
            grey = (colour * colour.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
            level = self.level[index].view(n, 1, 1, 1)
            paint = torch.cat([t["red"], t["green"], t["blue"]], 1)
            shaded = torch.where(grey <= level, paint * (0.25 + 0.75 * grey / level), paint + (1 - paint) * ((grey - level) / (1 - level)) ** 1.5 * 0.85)
            colour = torch.where(t["tint"] > 0, shaded, colour)
            k = 1 / t["size"].clamp(min=1e-3).view(n)
            theta = torch.zeros(n, 2, 3, device=self.device)
            theta[:, 0, 0] = k * (1 - 2 * t["flip"].view(n))
            theta[:, 1, 1] = k
            theta[:, 0, 2] = -(layer[:, 1] * 2 - 1) * theta[:, 0, 0]
            theta[:, 1, 2] = -(layer[:, 2] * 2 - 1) * k
            grid = F.affine_grid(theta, (n, 4, self.size, self.size), align_corners=False)
            pasted = F.grid_sample(torch.cat([colour * alpha, alpha], 1), grid, mode="bicubic", align_corners=False).clamp(0, 1) * shown
            image = image * (1 - pasted[:, 3:]) + pasted[:, :3]
        return image.clamp(0, 1) * 2 - 1


# ------------------------------------------------------------------------------------------------- what is never seen


def load_held_out(config):
    with open(config["data"]["held_out"]) as file:
        return json.load(file)


def make_held_out(sprites, seed=2026):
    """The fixed combinations that no training scene has, by name."""
    rng = random.Random(seed)
    sampler = SceneSampler(sprites, {}, seed)
    solid = [c for c in range(len(sprites.concepts)) if sprites.group[c] not in ("symbols", "faces")]
    pick = lambda: next(c for c in iter(lambda: sampler.concept(DEFAULT_STYLE), None) if c in solid_set)  # noqa: E731
    solid_set = set(solid)
    name = sprites.concepts

    def distinct(make, count):
        found = []
        while len(found) < count:
            item = make()
            if item and item not in found:
                found.append(item)
        return found

    def pair():
        a, b = sorted((name[pick()], name[pick()]))
        return [a, b] if a != b else None

    def styled():
        style = rng.choice([s for s in STYLES if s != DEFAULT_STYLE])
        c = pick()
        return [name[c], style] if c in sprites.by[style] else None

    def coloured():
        c = name[pick()]
        return None if COLOUR_WORD.search(c) else [c, rng.choice(PAINTS)]

    return {
        "pairs": distinct(pair, 400),
        "places": distinct(lambda: [name[pick()], rng.choice(PLACES).name], 400),
        "styles": distinct(styled, 300),
        "colours": distinct(coloured, 400),
    }


def save_grid(images, path, columns=8, scale=0.5):
    """A sheet of pictures (N x 3 x H x W, -1..1), row by row."""
    x = ((images.float().clamp(-1, 1) + 1) * 127.5).round().byte().cpu()
    n, _, h, w = x.shape
    sheet = torch.full((3, math.ceil(n / columns) * h, columns * w), 255, dtype=torch.uint8)
    for i in range(n):
        r, c = divmod(i, columns)
        sheet[:, r * h : (r + 1) * h, c * w : (c + 1) * w] = x[i]
    image = Image.fromarray(sheet.permute(1, 2, 0).numpy())
    image.resize((int(image.width * scale), int(image.height * scale)), Image.LANCZOS).save(path, quality=88)


if __name__ == "__main__":
    config = load_config()
    sprites = Sprites(config["paths"]["sprites"])
    log(len(sprites.images), "drawings of", len(sprites.concepts), "concepts")
    sampler = SceneSampler(sprites, load_held_out(config), 1)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    drawn = [sampler.draw() for _ in range(64)]
    render = Renderer(sprites, config["data"]["size"], device, 1)
    save_grid(render(torch.from_numpy(np.stack([d[2] for d in drawn]))), sys.argv[1] if len(sys.argv) > 1 else "preview.jpg")
    print("\n".join(d[1] for d in drawn))
