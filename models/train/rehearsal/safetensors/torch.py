"""`safetensors.torch` with PyTorch alone: the file format, for rehearsals where the compiled package cannot be installed."""
import json
import struct

import torch

DTYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64, "I32": torch.int32, "U8": torch.uint8}
NAMES = {dtype: name for name, dtype in DTYPES.items()}


def load_file(path, device="cpu"):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    tensors = {}
    for name, at in header.items():
        start, end = at["data_offsets"]
        raw = torch.frombuffer(data, dtype=torch.uint8)[start:end]
        tensors[name] = raw.clone().view(DTYPES[at["dtype"]]).reshape(at["shape"]).to(device)
    return tensors


def save_file(tensors, path, metadata=None):
    header, blobs, place = ({"__metadata__": metadata} if metadata else {}), [], 0
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        blob = tensor.flatten().view(torch.uint8).numpy().tobytes() if tensor.numel() else b""
        header[name] = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [place, place + len(blob)]}
        blobs.append(blob)
        place += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.writelines(blobs)
