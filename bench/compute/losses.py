"""A textbook BERT pretraining step in PyTorch, every layer on every row, that drops what the masks it is given say. Started by losses.mjs:
losses.py JOB WEIGHTS MASKS. JOB names the weights (Hugging Face's names and layout) and the sites of the masks with their shapes; MASKS is
written anew before each line of input.
"""
import json
import math
import sys

import numpy
import torch
from torch.nn import functional as F

job = json.load(open(sys.argv[1]))
config, data, chunk = job["config"], job["data"], job["chunk"]
torch.set_num_threads(1)
B, T, S = job["shape"]["batch"], job["shape"]["length"], job["shape"]["slots"]
D, H, EPS = config["hiddenSize"], config["numAttentionHeads"], config["layerNormEps"]
LAST = config["numHiddenLayers"] - 1


def sliced(flat, entries):
    """name → the entry's part of a flat array, in its shape."""
    parts, at = {}, 0
    for name, shape in entries:
        size = math.prod(shape)
        parts[name], at = flat[at:at + size].reshape(shape), at + size
    return parts


w = sliced(torch.from_numpy(numpy.fromfile(sys.argv[2], numpy.float32)), [(e["name"], e["shape"]) for e in job["weights"]])
w = {name: tensor.clone().requires_grad_() for name, tensor in w.items()}
positions = torch.tensor(data["positions"])
# the last layer is masked only where a head reads: the masked positions in order, then [CLS]
read = torch.cat([positions, torch.zeros(B, 1, dtype=torch.long)], 1)


def batch_first(rows, time):
    """Time-major rows of one chunk → [chunk, time, width]."""
    return rows.reshape(time, -1, rows.shape[-1]).transpose(0, 1)


class Masks:
    """The masks of a step, batch first, with the scale of what is kept."""

    def __init__(self):
        flat = torch.from_numpy(numpy.fromfile(sys.argv[3], numpy.uint8)).float()
        self.sites = sliced(flat, [(site["site"], site["shape"]) for site in job["sites"]])
        rate = round(job["dropout"] * 256) / 256
        self.scale = 1 / (1 - rate)

    def chunks(self, site):
        return [self.sites[f"{site}/{c}"] for c in range(math.ceil(B / chunk))]

    def rows(self, site):
        """[B, T, D]"""
        return torch.cat([batch_first(part, T) for part in self.chunks(site)]) * self.scale

    def read_rows(self, site):
        """[B, T, D] of a site that only the read rows pass."""
        parts = self.sites[site].split([min(chunk, B - b) * (S + 1) for b in range(0, B, chunk)])
        given = torch.cat([batch_first(part, S + 1) for part in parts])
        full = torch.ones(B, T, D).scatter(1, read[:, :, None].expand(-1, -1, D), given)
        return full * self.scale

    def probabilities(self, layer):
        """[B, H, T, T]"""
        given = torch.cat(self.chunks(f"encoder.{layer}.attention.probs"))
        if layer == LAST:
            given = torch.ones(B, H, T, T).scatter(2, read[:, None, :, None].expand(-1, H, -1, T), given)
        return given * self.scale


def dense(x, name):
    return F.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])


def norm(x, name):
    return F.layer_norm(x, (D,), w[f"{name}.weight"], w[f"{name}.bias"], EPS)


def attend(x, at, mask, keep):
    q, k, v = (dense(x, f"{at}.attention.self.{part}").view(B, T, H, D // H).transpose(1, 2) for part in ("query", "key", "value"))
    probabilities = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(D // H) + mask, -1) * keep
    return (probabilities @ v).transpose(1, 2).reshape(B, T, D)


def loss_of(masks):
    table = lambda name: w[f"bert.embeddings.{name}_embeddings.weight"]
    x = table("word")[ids] + table("position")[:T] + table("token_type")[segments]
    x = norm(x, "bert.embeddings.LayerNorm") * masks.rows("embeddings")
    for layer in range(LAST + 1):
        at = f"bert.encoder.layer.{layer}"
        rows = masks.read_rows if layer == LAST else masks.rows
        context = attend(x, at, mask, masks.probabilities(layer))
        x = norm(x + dense(context, f"{at}.attention.output.dense") * rows(f"encoder.{layer}.attention.output"), f"{at}.attention.output.LayerNorm")
        outer = dense(F.gelu(dense(x, f"{at}.intermediate.dense")), f"{at}.output.dense")
        x = norm(x + outer * rows(f"encoder.{layer}.output"), f"{at}.output.LayerNorm")
    chosen = x[torch.arange(B)[:, None], positions].reshape(-1, D)
    transform = "cls.predictions.transform"
    chosen = norm(F.gelu(dense(chosen, f"{transform}.dense")), f"{transform}.LayerNorm")
    tokens = F.linear(chosen, table("word"), w["cls.predictions.bias"])
    pairs = dense(torch.tanh(dense(x[:, 0], "bert.pooler.dense")), "cls.seq_relationship")
    return F.cross_entropy(tokens, labels) + F.cross_entropy(pairs, next_labels)


ids, segments = (torch.tensor(data[name]).view(B, T) for name in ("ids", "segments"))
mask = torch.where(torch.tensor(data["attention"]).view(B, 1, 1, T) == 1, 0.0, -1e9)
labels = torch.tensor(data["labels"]).flatten()
next_labels = torch.tensor(data["next"])
optimizer = torch.optim.AdamW(
    [{"params": [p for p in w.values() if p.dim() > 1], "weight_decay": 0.01},
     {"params": [p for p in w.values() if p.dim() < 2], "weight_decay": 0.0}], 1e-4)
print("ready", flush=True)
for _ in sys.stdin:
    loss = loss_of(Masks())
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(list(w.values()), 1.0)
    optimizer.step()
    print(json.dumps({"loss": loss.item()}), flush=True)
