"""What the bundled model can be asked for, as the page judges prompts by it.

`python repertoire.py FOLDER` writes it into the manifest there. Things stand under the name of their default drawing,
with the other words that captions gave them. What a person may say instead (`near`) is offered in its place: keywords
of the data, and what `NEAR` adds.
"""
import collections
import json
import re
import sys

from common import load_config
from scenes import COLOURS, DEFAULT_STYLE, PAINTS, PLACES, STYLES, Sprites, plural

# Keywords that were captions, whose drawing is what anyone means by them, and that the model paints (looked at, seed
# 11, 8 steps).
ALSO = {
    "red apple": "apple", "dog face": "puppy", "rabbit": "bunny", "hippopotamus": "hippo", "long-necked dinosaur": "dinosaur", "merperson": "mermaid",
    "doughnut": "donut", "hamburger": "burger", "cup of coffee": "coffee", "beer mug": "beer", "blossom": "flower", "potted plant": "plant", "big truck": "truck",
    "game die": "dice", "headphone": "headphones", "Santa Claus": "santa", "T-Rex": "tyrannosaurus", "green salad": "salad", "wine glass": "wine", "closed book": "book", "alarm clock": "clock", "gift box": "gift", "musical keyboard": "piano", "couch and lamp": "couch",
    "flashlight": "torch", "envelope": "letter", "woman's boot": "boot", "flat shoe": "shoe",
}  # fmt: skip

# What people ask for that no caption said, and what comes nearest.
NEAR = {
    "spaceship": ["rocket", "flying saucer"], "starship": ["rocket"], "spacecraft": ["rocket", "satellite"], "astronaut": ["alien", "robot"],
    "mars": ["ringed planet"], "planet": ["ringed planet", "planet earth"], "galaxy": ["milky way", "in space"], "universe": ["milky way", "in space"],
    "sword": ["crossed swords"], "katana": ["crossed swords"], "knight": ["shield", "guard"], "warrior": ["ninja"], "samurai": ["ninja"],
    "boat": ["sailboat", "canoe", "speedboat"], "sofa": ["couch and lamp"], "jungle": ["in a forest"],
    "woods": ["in a forest"], "park": ["in a green meadow"], "garden": ["in a green meadow", "house with garden"], "field": ["in a green meadow"],
    "road": ["on a city street", "motorway"], "street": ["on a city street"], "lake": ["on the beach"],
    "sea": ["on the beach", "under the sea", "ocean wave"], "ocean": ["ocean wave", "under the sea"], "waterfall": ["fountain"], "hill": ["mountain"],
    "skyline": ["in a city"], "town": ["in a city", "houses"], "village": ["houses", "hut"], "building": ["office building", "classical building"],
    "skyscraper": ["office building"], "tower": ["Tokyo tower", "castle"], "cottage": ["hut", "house"], "cabin": ["hut"], "home": ["house"],
    "kitchen": ["kitchen knife", "in a room"], "table": ["chair"], "cup": ["cup of coffee", "teacup"], "mug": ["cup of coffee", "beer mug"],
    "bottle": ["bottle with popping cork", "lotion bottle"], "bowl": ["bowl of rice", "bowl with spoon"], "soup": ["pot of food"], "tea": ["teapot", "teacup"],
    "fruit": ["red apple", "pear", "grapes"], "oranges": ["tangerine"], "cake": ["birthday cake", "shortcake", "cupcake"], "chocolate": ["chocolate bar"],
    "squirrel": ["chipmunk"], "hound": ["dog"], "pony": ["horse"], "donkey": ["horse"], "crow": ["bird"], "seagull": ["bird", "dove"],
    "hen": ["chicken"], "goose": ["duck", "swan"], "ape": ["gorilla"], "witch": ["wizard", "fairy"], "pirate": ["pirate flag"], "king": ["prince", "crown"],
    "queen": ["princess", "crown"], "family": ["people hugging"], "couple": ["people hugging"], "doctor": ["stethoscope"], "woman": ["person"],
    "children": ["child", "boy", "girl"], "kid": ["child"], "kids": ["child"], "guy": ["person"], "lady": ["princess"], "people": ["person"],
    "grandmother": ["older person"], "grandfather": ["older person"], "clown": ["clown face"], "storm": ["in the rain", "tornado", "cloud with lightning"],
    "winter": ["in the snow"], "summer": ["on the beach"], "spring": ["cherry blossom"], "evening": ["at sunset"], "dawn": ["at sunset"],
    "ship": ["passenger ship"], "lighthouse": ["Tokyo tower"], "watercolor": ["outlined cartoon drawing"], "cartoon": ["cartoon sticker", "outlined cartoon drawing"],
    "sketch": ["outlined cartoon drawing"], "anime": ["outlined cartoon drawing"], "sticker": ["cartoon sticker"], "icon": ["simple flat icon"],
    "logo": ["simple flat icon"], "emoji": ["flat emoji", "soft shaded emoji"], "vector": ["simple flat icon"], "minimal": ["simple flat icon"],
    "realistic": ["glossy 3d render"], "3d": ["glossy 3d render"], "render": ["glossy 3d render"], "pixelated": ["pixel art"], "8bit": ["pixel art"],
    "bike": ["bicycle"], "computer": ["laptop", "desktop computer"], "diamond": ["gem stone"], "football": ["soccer ball", "american football"],
    "hat": ["top hat", "woman's hat"], "kitten": ["cat"], "moon": ["full moon", "crescent moon"], "phone": ["mobile phone", "telephone"],
    "plane": ["airplane"], "pumpkin": ["jack-o-lantern"], "suitcase": ["luggage"], "ufo": ["flying saucer"],
    "fire truck": ["fire engine"], "birthday": ["birthday cake"], "party": ["party popper"], "suit": ["person in tuxedo"], "peace": ["dove", "peace symbol"], "love": ["red heart"],
    "five": ["four"], "3": ["three"], "2": ["two"], "4": ["four"], "gold": ["yellow"], "golden": ["yellow"], "violet": ["purple"], "turquoise": ["teal"],
    "cyan": ["teal"], "beige": ["brown"], "magenta": ["pink"], "cozy": ["in a cosy room"], "tiny": ["small"], "little": ["small"], "huge": ["big"], "large": ["big"],
}  # fmt: skip

# Groups whose keywords are feelings and doings, which stand for nothing that could be put in their place.
UNNAMED = ("faces", "people", "symbols", "activities")

# Keywords that say how something is or what it does.
QUALITIES = set(
    "fluffy pretty colorful ostentatious proud playful curious lazy slow flamboyant elegant comfortable comfy casual fashion sharp shiny wild cool dark "
    "flying early heavy solid tough fresh sour simple real smart wise brown black orange silver purple round straight linked long loud high left front back "
    "down under point selling change climate cracked major private formal spring summer country ranch settle boring useless romantic lucky first second third "
    "life help hurt idea news media evidence proof record trip move order power energy universal negative positive magnetic mechanical optical physical "
    "public personal national stringed public beat soft easy melted fried roasted wrapped canned cooked shaved twisted convoluted indecisive decorated "
    "decorative covered framed tangled elderly arrived late waiting danger caution forever total difficult lives charm comfort serious employed "
    "expensive luxury millionaire billionaire photo picture art arts artsy arty artist flat wavy style word text design modern "
    "number medieval happy beautiful best quality".split()
)


def also(name):
    return [word.replace("_", " ") for word in ALSO.get(name, "").split()]


def repertoire(sprites):
    """What the manifest lists under `paints`."""
    spoken, named, near = {}, collections.defaultdict(set), collections.defaultdict(list)
    for concept, drawings in sprites.by[DEFAULT_STYLE].items():
        spoken[concept] = sprites.images[drawings[0]]["caption"]
    said = collections.defaultdict(dict)
    for image, concept, synonyms in zip(sprites.images, sprites.concept, sprites.synonyms):
        name = spoken[int(concept)]
        for text in (image["name"], image["caption"]):
            if text != name:
                said[name][text] = None
        if image["group"] in UNNAMED:
            continue
        for word in synonyms:
            if word not in QUALITIES and not re.search(r"(ing|ed|ly)$", word) and re.fullmatch(r"[a-z][a-z -]+", word):
                named[word].add(name)
    for name in dict.fromkeys(spoken.values()):
        said[name].update(dict.fromkeys(also(name)))
    words = {w for name in said for w in said[name]} | set(said)
    for word, names in sorted(named.items()):
        if word not in words and word not in NEAR:
            near[word] = sorted(names)
    return {
        "things": [{"name": name, **({"also": list(said[name])} if said[name] else {})} for name in dict.fromkeys(spoken.values())],
        "near": {**near, **NEAR},
        "colours": PAINTS,
        "grounds": list(COLOURS),
        "scenes": [{"name": place.name, "phrases": list(place.phrases)} for place in PLACES],
        "styles": list(STYLES.values()),
    }


def write(folder, paints):
    path = f"{folder}/manifest.json"
    with open(path) as f:
        manifest = json.load(f)
    manifest.pop("words", None)
    with open(path, "w") as f:
        f.write(json.dumps({**manifest, "paints": paints}, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write(sys.argv[1], repertoire(Sprites(load_config()["paths"]["sprites"], with_pictures=False)))
