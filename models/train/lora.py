"""Low-rank adaptation (Hu et al. 2021) of a UNet's linear layers and convolutions, written with kohya's keys."""
import torch
import torch.nn as nn
from safetensors.torch import save_file


class Adapted(nn.Module):
    """W x + B A x, with W as it is; A is drawn at random, B starts at 0."""

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
        return self.base(x) + self.up(self.down(x))


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


def save(adapters, path):
    """kohya's keys; alpha is the rank, so that the factors are used as they are."""
    tensors = {}
    for name, adapter in adapters.items():
        key = f"lora_unet_{name.replace('.', '_')}"
        tensors[f"{key}.lora_down.weight"] = adapter.down.weight
        tensors[f"{key}.lora_up.weight"] = adapter.up.weight
        tensors[f"{key}.alpha"] = torch.tensor(float(adapter.down.weight.shape[0]))
    save_file({k: v.detach().half().contiguous() for k, v in tensors.items()}, path)
