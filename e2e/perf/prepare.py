"""Makes what the suites compare with and read, on the machine with the GPU.

usage: prepare.py WORK [--models MODELS] [--shapes FOLDER] [--tiny] PART ...     (diffusers importable: PYTHONPATH=diffusers/src)
  starter   pictures that diffusers' pipeline paints in float32 with MODELS/starter, from the noise of their seeds
  networks  a UNet and an autoencoder of Stable Diffusion 1.5's shape, random weights, their float32 outputs and exported graphs
  upscale   an upscaler (RRDB x4, 23 blocks, 64 features), random weights, its float32 output; PyTorch's times of it and of the networks of a
            hires fix, 512 x 512 to 1024 x 1024
  sd21      Stable Diffusion 2.x's UNet at 768 x 768 and its text tower, random weights, their float32 outputs; PyTorch's own error in float16
  lora      a LoRA of rank 32 for every linear layer of Stable Diffusion 1.5's UNet, random numbers, under kohya's names
  sd15 sdxl a checkpoint of one file in the original layout, random weights, from the shapes that shapes.ts wrote
"""
import argparse
import json
import os
import struct
import time

import numpy as np
import torch

STARTER = [("a red apple on a white background", 7), ("a penguin in the snow", 8), ("a rocket in space", 9)]
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
# PyTorch's float32 is the reference: no tf32.
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False


def starter(args):
    from diffusers import DDIMScheduler, StableDiffusionPipeline

    pipe = StableDiffusionPipeline.from_pretrained(f"{args.models}/starter", torch_dtype=torch.float32, safety_checker=None)
    pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
    pipe.to(DEVICE).set_progress_bar_config(disable=True)
    side, steps = (64, 2) if args.tiny else (256, 20)
    listed = []
    for prompt, seed in STARTER[: 1 if args.tiny else None]:
        noise = torch.randn((1, 4, side // 8, side // 8), generator=torch.Generator("cpu").manual_seed(seed))
        picture = pipe(prompt, height=side, width=side, num_inference_steps=steps, guidance_scale=5.0, eta=0.0, latents=noise.to(DEVICE), output_type="np").images[0]
        (picture * 255).round().astype(np.uint8).tofile(f"{args.work}/starter-{seed}.rgb")
        listed.append(dict(prompt=prompt, seed=seed, steps=steps, cfgScale=5, width=side, height=side, file=f"starter-{seed}.rgb"))
    write_json(args, "starter", listed)


@torch.no_grad()
def networks(args):
    from diffusers import AutoencoderKL, UNet2DConditionModel

    torch.manual_seed(0)
    share = 10 if args.tiny else 1
    width, side = (64, 8) if args.tiny else (768, 64)
    unet = UNet2DConditionModel(sample_size=side, cross_attention_dim=width, attention_head_dim=8, block_out_channels=tuple(c // share for c in (320, 640, 1280, 1280)))
    vae = AutoencoderKL(down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4, block_out_channels=tuple(c // (4 if args.tiny else 1) for c in (128, 256, 512, 512)), layers_per_block=2, latent_channels=4)
    # The weights that both sides read are float16's; PyTorch computes with them in float32.
    for name, model in (("unet", unet), ("vae", vae)):
        model.eval().half().save_pretrained(f"{args.work}/{name}")
    inputs = dict(sample=torch.randn(2, 4, side, side), timestep=torch.tensor([500.0]), encoder_hidden_states=torch.randn(2, 77, width))
    latent = dict(latent_sample=torch.randn(1, 4, side, side))
    wrapped = dict(unet=(Unet(unet), inputs), vae=(Decoder(vae), latent))
    listed, torch_ms = {}, {}
    for name, (model, values) in wrapped.items():
        model.float().to(DEVICE)
        moved = [v.to(DEVICE) for v in values.values()]
        raw(args, f"{name}.out", model(*moved))
        listed[name] = dict(inputs={k: dict(file=raw(args, f"{name}.{k}", v), dims=list(v.shape)) for k, v in values.items()}, output=f"{name}.out.f32")
        if DEVICE == "cuda":
            torch_ms[f"{name} float32"] = milliseconds(lambda: model(*moved))
            model.half()
            moved = [v.half() for v in moved]
            torch_ms[f"{name} float16"] = milliseconds(lambda: model(*moved))
            listed[name]["exported"] = export(args, f"{name}_raw", model, moved, list(values))
    write_json(args, "networks", listed)
    write_json(args, "torch", torch_ms)


@torch.no_grad()
def sd21(args):
    from diffusers import UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(3)
    share, width, side, layers = (5, 128, 8, 2) if args.tiny else (1, 1024, 96, 23)
    channels = tuple(c // share for c in (320, 640, 1280, 1280))
    unet = UNet2DConditionModel(sample_size=side, cross_attention_dim=width, attention_head_dim=(5, 10, 20, 20) if share == 1 else (1, 2, 4, 4), use_linear_projection=True, upcast_attention=True, block_out_channels=channels)
    text = CLIPTextModel(CLIPTextConfig(hidden_size=width, intermediate_size=4 * width, num_hidden_layers=layers, num_attention_heads=width // 64, hidden_act="gelu", eos_token_id=2, pad_token_id=0))
    ids = torch.tensor([[49406, *range(320, 380), 49407] + [0] * 15])
    sample, context = torch.randn(2, 4, side, side), torch.randn(2, 77, width)
    files = dict(sample=sample, timestep=torch.tensor([500.0]), encoder_hidden_states=context)
    inputs = {name: dict(file=raw(args, f"sd21.{name}", value), dims=list(value.shape)) for name, value in files.items()}
    moved = [value.to(DEVICE) for value in files.values()]
    torch_figures, outputs = {}, {}
    for name, model, run in (("unet", unet, lambda half: Unet(unet)(*(half(v) for v in moved))), ("text", text, lambda _: text(ids.to(DEVICE)).last_hidden_state)):
        # Both sides read float16's weights; PyTorch's reference computes with them in float32.
        model.eval().half().save_pretrained(f"{args.work}/sd21/{dict(unet='unet', text='text_encoder')[name]}")
        model.float().to(DEVICE)
        want = run(lambda v: v)
        outputs[name] = raw(args, f"sd21.{name}", want)
        if DEVICE == "cuda":
            torch_figures[f"{name} float32 ms"] = milliseconds(lambda: run(lambda v: v))
            model.half()
            torch_figures[f"{name} float16 error"] = ((run(torch.Tensor.half).float() - want).norm() / want.norm()).item()
            torch_figures[f"{name} float16 ms"] = milliseconds(lambda: run(torch.Tensor.half))
    write_json(args, "sd21", dict(unet=dict(inputs=inputs, output=outputs["unet"]), text=dict(ids=ids[0].tolist(), output=outputs["text"]), torch=torch_figures))


class Rrdb(torch.nn.Module):
    """ESRGAN's network of dense residual blocks (Wang et al. 2018, section 3.1), four times as large, under Real-ESRGAN's names."""

    def __init__(self, features, growth, blocks):
        super().__init__()
        conv = lambda taken, given: torch.nn.Conv2d(taken, given, 3, padding=1)
        dense = lambda: torch.nn.ModuleDict({f"conv{k + 1}": conv(features + k * growth, growth if k < 4 else features) for k in range(5)})
        self.conv_first, self.conv_body, self.conv_last = conv(3, features), conv(features, features), conv(features, 3)
        self.body = torch.nn.ModuleList(torch.nn.ModuleDict({f"rdb{k + 1}": dense() for k in range(3)}) for _ in range(blocks))
        self.conv_up1, self.conv_up2, self.conv_hr = (conv(features, features) for _ in range(3))

    def forward(self, image):
        leaky = lambda x: torch.nn.functional.leaky_relu(x, 0.2)
        first = self.conv_first(image)
        x = first
        for block in self.body:
            inner = x
            for layers in block.values():
                maps = [inner]
                for k in range(1, 5):
                    maps.append(leaky(layers[f"conv{k}"](torch.cat(maps, 1))))
                inner = inner + 0.2 * layers["conv5"](torch.cat(maps, 1))
            x = x + 0.2 * inner
        x = first + self.conv_body(x)
        for up in (self.conv_up1, self.conv_up2):
            x = leaky(up(torch.nn.functional.interpolate(x, scale_factor=2, mode="nearest")))
        return self.conv_last(leaky(self.conv_hr(x)))


@torch.no_grad()
def upscale(args):
    from safetensors.torch import save_file

    torch.manual_seed(2)
    side = 48 if args.tiny else 512
    model = Rrdb(8, 4, 2) if args.tiny else Rrdb(64, 32, 23)
    # Both sides read float16's weights; PyTorch's reference computes with them in float32.
    model.eval().half()
    save_file(model.state_dict(), f"{args.work}/upscaler.safetensors")
    image = torch.rand(1, 3, side, side)
    model.float().to(DEVICE)
    files = dict(image=raw(args, "upscaler.image", image), output=raw(args, "upscaler.out", model(image.to(DEVICE))))
    torch_ms = {}
    if DEVICE == "cuda":
        torch_ms["upscaler float32"] = milliseconds(lambda: model(image.to(DEVICE)))
        half, moved = model.half(), image.to(DEVICE).half()
        torch_ms["upscaler float16"] = milliseconds(lambda: half(moved))
        torch_ms |= hires_milliseconds()
    write_json(args, "upscale", dict(width=side, height=side, **files, torch=torch_ms))


def hires_milliseconds():
    """A UNet of Stable Diffusion 1.5's shape at both sizes of a hires fix, prompt and negative prompt at once, and its decoder at the larger."""
    from diffusers import AutoencoderKL, UNet2DConditionModel

    unet = UNet2DConditionModel(sample_size=64, cross_attention_dim=768, attention_head_dim=8, block_out_channels=(320, 640, 1280, 1280)).eval().half().to(DEVICE)
    vae = AutoencoderKL(down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4, block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=4).eval().half().to(DEVICE)
    drawn = lambda *shape: torch.randn(shape, device=DEVICE, dtype=torch.float16)
    step = lambda cells: milliseconds(lambda: Unet(unet)(drawn(2, 4, cells, cells), torch.tensor(500.0, device=DEVICE), drawn(2, 77, 768)))
    return {"unet 512": step(64), "unet 1024": step(128), "decoder 1024": milliseconds(lambda: Decoder(vae)(drawn(1, 4, 128, 128)))}


class Unet(torch.nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, sample, timestep, encoder_hidden_states):
        return self.inner(sample, timestep, encoder_hidden_states, return_dict=False)[0]


class Decoder(torch.nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, latent_sample):
        return self.inner.decode(latent_sample, return_dict=False)[0]


def export(args, name, model, inputs, names):
    """As the makers of ONNX packs export; weights beside the graph."""
    import onnx

    small = f"{args.work}/{name}.export"
    torch.onnx.export(model, tuple(inputs), small, input_names=names, output_names=["out"], opset_version=17, dynamo=False)
    onnx.save_model(onnx.load(small), f"{args.work}/{name}.onnx", save_as_external_data=True, all_tensors_to_one_file=True, location=f"{name}.data", size_threshold=1024)
    return name


def milliseconds(run, times=12):
    for _ in range(3):
        run()
    measured = []
    for _ in range(times):
        torch.cuda.synchronize()
        start = time.perf_counter()
        run()
        torch.cuda.synchronize()
        measured.append(1000 * (time.perf_counter() - start))
    return sorted(measured)[times // 2]


def checkpoint(args, name):
    """Norms at one and biases at nothing, matrices and kernels that keep the size of what they are given."""
    with open(f"{args.shapes}/{name}{'-tiny' if args.tiny else ''}.json") as file:
        shapes = json.load(file)
    header, at = {}, 0
    for key, shape in shapes.items():
        size = 2 * int(np.prod(shape))
        header[key] = dict(dtype="F16", shape=shape, data_offsets=[at, at + size])
        at += size
    text = json.dumps(header).encode()
    torch.manual_seed(1)
    with open(f"{args.work}/{name}.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for key, shape in shapes.items():
            if len(shape) > 1:
                tensor = torch.randn(shape, device=DEVICE) * 0.7 / np.prod(shape[1:]) ** 0.5
            else:
                tensor = torch.full(shape, 0.0 if key.endswith("bias") else 1.0)
            file.write(tensor.half().cpu().numpy().tobytes())


def lora(args):
    from diffusers import UNet2DConditionModel
    from safetensors.torch import save_file

    share, width = (5, 256) if args.tiny else (1, 768)  # the widths of shapes.ts
    unet = UNet2DConditionModel(sample_size=64, cross_attention_dim=width, attention_head_dim=8, block_out_channels=tuple(c // share for c in (320, 640, 1280, 1280)))
    torch.manual_seed(4)
    tensors, rank = {}, 4 if args.tiny else 32
    for name, module in unet.named_modules():
        if isinstance(module, torch.nn.Linear) and "transformer_blocks" in name:
            key = "lora_unet_" + name.replace(".", "_")
            tensors[f"{key}.lora_down.weight"] = torch.randn(rank, module.in_features).half() * 0.02
            tensors[f"{key}.lora_up.weight"] = torch.randn(module.out_features, rank).half() * 0.02
            tensors[f"{key}.alpha"] = torch.tensor(float(rank))
    save_file(tensors, f"{args.work}/lora.safetensors")


def raw(args, name, tensor):
    tensor.float().cpu().numpy().tofile(f"{args.work}/{name}.f32")
    return f"{name}.f32"


def write_json(args, name, value):
    with open(f"{args.work}/{name}.json", "w") as file:
        json.dump(value, file, indent=1)


PARTS = dict(starter=starter, networks=networks, upscale=upscale, sd21=sd21, lora=lora, sd15=lambda args: checkpoint(args, "sd15"), sdxl=lambda args: checkpoint(args, "sdxl"))

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("work")
    parser.add_argument("parts", nargs="+", choices=PARTS)
    parser.add_argument("--models", default="models")
    parser.add_argument("--shapes", default="shapes")
    parser.add_argument("--tiny", action="store_true")
    settings = parser.parse_args()
    os.makedirs(settings.work, exist_ok=True)
    for part in settings.parts:
        started = time.time()
        PARTS[part](settings)
        print(f"prepared {part} in {time.time() - started:.1f} s", flush=True)
