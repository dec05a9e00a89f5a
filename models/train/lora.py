"""Low-rank adaptation (Hu et al. 2021) of a UNet's linear layers and convolutions, written with kohya's keys."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file, save_file


class Adapted(nn.Module):
    """(W + B A) x, with W as it is; A is drawn at random, B starts at 0. Kernels that narrow run slowly beside the wide one: hence one sum."""

    def __init__(self, base, rank):
        super().__init__()
        self.base = base.requires_grad_(False)
        if isinstance(base, nn.Conv2d):
            self.down = nn.Conv2d(base.in_channels, rank, base.kernel_size, base.stride, base.padding, bias=False)
            self.up = nn.Conv2d(rank, base.out_channels, 1, bias=False)
        else:
            self.down, self.up = nn.Linear(base.in_features, rank, bias=False), nn.Linear(rank, base.out_features, bias=False)
        nn.init.normal_(self.down.weight, std=self.down.weight[0].numel() ** -0.5)
        nn.init.zeros_(self.up.weight)

    def forward(self, x, *_):  # older versions of diffusers pass a scale
        base = self.base
        weight = base.weight + (self.up.weight.flatten(1) @ self.down.weight.flatten(1)).view_as(base.weight)
        if isinstance(base, nn.Conv2d):
            return F.conv2d(x, weight, base.bias, base.stride, base.padding)
        return F.linear(x, weight, base.bias)


def adapt(unet, rank):
    """Puts adapters beside every linear layer and convolution of the blocks, in place.

    @returns the adapters, by the module's name in diffusers.
    """
    unet.requires_grad_(False)
    chosen = [name for name, module in unet.named_modules() if isinstance(module, (nn.Linear, nn.Conv2d)) and name.startswith(("down_blocks.", "mid_block.", "up_blocks."))]
    adapters = {}
    for name in chosen:
        parent, _, child = name.rpartition(".")
        owner = unet.get_submodule(parent)
        adapters[name] = Adapted(getattr(owner, child), rank)
        setattr(owner, child, adapters[name])  # an index of a ModuleList is set by its name too
    return adapters


def key_of(name):
    return f"lora_unet_{name.replace('.', '_')}"


@torch.no_grad()
def load(adapters, path):
    """What `save` wrote, into adapters of the same rank."""
    held = load_file(path)
    for name, adapter in adapters.items():
        adapter.down.weight.copy_(held[f"{key_of(name)}.lora_down.weight"].float())
        adapter.up.weight.copy_(held[f"{key_of(name)}.lora_up.weight"].float())


def save(adapters, path):
    """kohya's keys; alpha is the rank, so that the factors are used as they are."""
    tensors = {}
    for name, adapter in adapters.items():
        key = key_of(name)
        tensors[f"{key}.lora_down.weight"] = adapter.down.weight
        tensors[f"{key}.lora_up.weight"] = adapter.up.weight
        tensors[f"{key}.alpha"] = torch.tensor(float(adapter.down.weight.shape[0]))
    save_file({k: v.detach().half().contiguous() for k, v in tensors.items()}, path)
