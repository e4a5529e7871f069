"""BERT pretraining with transformers and PyTorch on batches from standard input: pytorch.py FOLDER SETTINGS, started by pytorch.mjs (which
says how a batch is packed). FOLDER holds the initial model. Trains for `steps` batches, then prints the losses on those that follow.
"""
import json
import struct
import sys

import numpy as np
import torch
from torch.nn import functional as F
from transformers import BertForPreTraining

settings = json.loads(sys.argv[2])
length, steps = settings["length"], settings["steps"]
net = BertForPreTraining.from_pretrained(sys.argv[1]).train()
groups = [
    {"params": [p for p in net.parameters() if p.dim() > 1], "weight_decay": settings["weightDecay"]},
    {"params": [p for p in net.parameters() if p.dim() < 2], "weight_decay": 0.0},
]
betas = (settings["beta1"], settings["beta2"])
optimizer = torch.optim.AdamW(groups, betas=betas, eps=settings["epsilon"], fused=True)


def batches():
    while head := sys.stdin.buffer.read(8):
        rows, rate = struct.unpack("<if", head)
        width = 3 * length + 1
        values = np.frombuffer(sys.stdin.buffer.read(4 * rows * width), np.int32).reshape(rows, width).astype(np.int64)
        yield rate, torch.from_numpy(values).split([length, length, length, 1], dim=1)


def losses(ids, segments, labels, following):
    """Sums over masked words and over pairs, in nats, and how many there are. The decoder reads the masked rows alone."""
    out = net.bert(ids, token_type_ids=segments.clamp(min=0), attention_mask=(segments >= 0).long())
    masked = labels != -100
    words = net.cls.predictions(out.last_hidden_state[masked])
    mlm = F.cross_entropy(words, labels[masked], reduction="sum")
    nsp = F.cross_entropy(net.cls.seq_relationship(out.pooler_output), following.flatten(), reduction="sum")
    return mlm, nsp, int(masked.sum()), int((following != -100).sum())


totals = np.zeros(4)
for number, (rate, batch) in enumerate(batches(), 1):
    if number > steps:
        net.eval()
        with torch.no_grad():
            totals += [float(value) for value in losses(*batch)]
        continue
    mlm, nsp, words, pairs = losses(*batch)
    loss = mlm / words + nsp / max(1, pairs)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), settings["clipNorm"])
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.step()
    if number % max(1, steps // 10) == 0:
        print(f"  PyTorch: step {number} of {steps}, loss {loss.item():.3f}", file=sys.stderr, flush=True)
print(json.dumps({"mlm.loss": totals[0] / totals[2], "nsp.loss": totals[1] / max(1, totals[3])}))
