"""CLIP's text tower and tokenizer as the recipe uses them, for rehearsals where transformers cannot be installed.

Same maths, names and files as transformers' `CLIPTextModel` and `CLIPTokenizer`; test_stages.py holds both to this repository's
reference outputs.
"""
import json
import os
import types

import numpy as np
import regex
import torch
import torch.nn as nn
from safetensors.torch import load_file, save_file

PIECES = regex.compile(r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+", regex.IGNORECASE)


def byte_letters():
    """GPT-2's printable stand-in for every byte."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in kept]
    return {**{b: chr(b) for b in kept}, **{b: chr(256 + i) for i, b in enumerate(others)}}


class CLIPTokenizer:
    def __init__(self, vocabulary, merges):
        self.vocabulary, self.ranks, self.letters = vocabulary, {pair: i for i, pair in enumerate(merges)}, byte_letters()
        self.bos_token_id, self.eos_token_id = vocabulary["<|startoftext|>"], vocabulary["<|endoftext|>"]

    @classmethod
    def from_pretrained(cls, folder):
        with open(f"{folder}/vocab.json") as file:
            vocabulary = json.load(file)
        with open(f"{folder}/merges.txt") as file:
            merges = [tuple(line.split()) for line in file.read().splitlines()[1:] if line]
        return cls(vocabulary, merges)

    def word(self, piece):
        parts = [self.letters[b] for b in piece.encode()]
        parts[-1] += "</w>"
        while len(parts) > 1:
            rank, i = min((self.ranks.get(pair, len(self.ranks)), i) for i, pair in enumerate(zip(parts, parts[1:])))
            if rank == len(self.ranks):
                break
            parts[i : i + 2] = [parts[i] + parts[i + 1]]
        return [self.vocabulary.get(part, self.eos_token_id) for part in parts]

    def __call__(self, texts, max_length=77, **_):
        """Ids of each text, cut and padded with the end token to max_length."""
        rows = []
        for text in texts:
            ids = [i for piece in PIECES.findall(" ".join(text.lower().split())) for i in self.word(piece)][: max_length - 2]
            rows.append([self.bos_token_id, *ids, *[self.eos_token_id] * (max_length - 1 - len(ids))])
        return {"input_ids": np.array(rows)}


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        width, self.heads = c["hidden_size"], c["num_attention_heads"]
        self.layer_norm1, self.layer_norm2 = (nn.LayerNorm(width, c["layer_norm_eps"]) for _ in range(2))
        self.self_attn = nn.ModuleDict({f"{name}_proj": nn.Linear(width, width) for name in ("k", "v", "q", "out")})
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(width, c["intermediate_size"]), "fc2": nn.Linear(c["intermediate_size"], width)})
        self.activation = {"quick_gelu": lambda x: x * torch.sigmoid(1.702 * x), "gelu": nn.functional.gelu}[c["hidden_act"]]

    def forward(self, x):
        n, length, width = x.shape
        h = self.layer_norm1(x)
        q, k, v = (self.self_attn[f"{name}_proj"](h).view(n, length, self.heads, -1).transpose(1, 2) for name in "qkv")
        causal = torch.full((length, length), float("-inf"), device=x.device).triu(1)
        weights = (q @ k.transpose(2, 3) * q.shape[-1] ** -0.5 + causal).softmax(-1)
        x = x + self.self_attn["out_proj"]((weights @ v).transpose(1, 2).reshape(n, length, width))
        return x + self.mlp["fc2"](self.activation(self.mlp["fc1"](self.layer_norm2(x))))


class CLIPTextModel(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        width = config["hidden_size"]
        embeddings = nn.ModuleDict({"token_embedding": nn.Embedding(config["vocab_size"], width), "position_embedding": nn.Embedding(config["max_position_embeddings"], width)})
        encoder = nn.ModuleDict({"layers": nn.ModuleList(Layer(config) for _ in range(config["num_hidden_layers"]))})
        self.text_model = nn.ModuleDict({"embeddings": embeddings, "encoder": encoder, "final_layer_norm": nn.LayerNorm(width, config["layer_norm_eps"])})

    @classmethod
    def from_pretrained(cls, folder):
        with open(f"{folder}/config.json") as file:
            model = cls(json.load(file))
        state = load_file(f"{folder}/model.safetensors")
        model.load_state_dict({k: v.float() for k, v in state.items() if not k.endswith("position_ids")})
        return model

    def save_pretrained(self, folder):
        os.makedirs(folder, exist_ok=True)
        with open(f"{folder}/config.json", "w") as file:
            json.dump(self.config, file, indent=1)
        save_file(self.state_dict(), f"{folder}/model.safetensors", {"format": "pt"})

    def forward(self, tokens):
        parts = self.text_model
        x = parts["embeddings"]["token_embedding"](tokens) + parts["embeddings"]["position_embedding"].weight[: tokens.shape[1]]
        for layer in parts["encoder"]["layers"]:
            x = layer(x)
        return types.SimpleNamespace(last_hidden_state=parts["final_layer_norm"](x))
