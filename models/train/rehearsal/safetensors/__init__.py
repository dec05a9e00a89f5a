from safetensors import torch as torch
