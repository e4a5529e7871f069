"""The same training step in PyTorch, one a line of input: BERT with padding mask, dropout, masked-LM head on the gathered rows, next-sentence
head, gradient clipping, fused AdamW. Started by run.mjs: torch_step.py JOB (plain | gathered).

plain: every layer on every row. gathered: the last layer's row-wise half only on the rows that a head reads, written by hand.
Attention is scaled_dot_product_attention, the fastest of PyTorch's own on the machines tried.
"""
import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

job = json.load(open(sys.argv[1]))
gathered = sys.argv[2] == "gathered"
config, rate, data = job["config"], job["dropout"], job["data"]
torch.set_num_threads(job["threads"])
torch.set_default_device(job.get("device", "cpu"))
torch.manual_seed(0)
B, T = job["shape"]["batch"], job["shape"]["length"]
V, D, H, EPS = config["vocabSize"], config["hiddenSize"], config["numAttentionHeads"], config["layerNormEps"]


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.out = nn.Linear(D, 3 * D), nn.Linear(D, D)
        self.inner, self.outer = nn.Linear(D, config["intermediateSize"]), nn.Linear(config["intermediateSize"], D)
        self.norm1, self.norm2 = nn.LayerNorm(D, EPS), nn.LayerNorm(D, EPS)

    def forward(self, x, mask, rows=None):
        q, k, v = self.qkv(x).view(B, T, 3, H, D // H).permute(2, 0, 3, 1, 4)
        context = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=rate).transpose(1, 2).reshape(B, T, D)
        if rows is not None:
            x, context = x.reshape(B * T, D)[rows], context.reshape(B * T, D)[rows]
        x = self.norm1(x + F.dropout(self.out(context), rate))
        return self.norm2(x + F.dropout(self.outer(F.gelu(self.inner(x))), rate))


class Bert(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.positions = nn.Embedding(V, D), nn.Embedding(config["maxPositionEmbeddings"], D)
        self.segments, self.norm = nn.Embedding(2, D), nn.LayerNorm(D, EPS)
        self.layers = nn.ModuleList([Layer() for _ in range(config["numHiddenLayers"])])
        self.pooler, self.next = nn.Linear(D, D), nn.Linear(D, 2)
        self.transform, self.transform_norm = nn.Linear(D, D), nn.LayerNorm(D, EPS)
        self.decoder_bias = nn.Parameter(torch.zeros(V))
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=config["initializerRange"])

    def forward(self, ids, segments, mask, masked, first):
        x = self.words(ids) + self.positions.weight[:T] + self.segments(segments)
        x = F.dropout(self.norm(x), rate)
        for layer in self.layers[:-1]:
            x = layer(x, mask)
        if gathered:
            x = self.layers[-1](x, mask, torch.cat([masked, first]))
            chosen, heads = x[: len(masked)], x[len(masked):]
        else:
            x = self.layers[-1](x, mask).reshape(B * T, D)
            chosen, heads = x[masked], x[first]
        chosen = self.transform_norm(F.gelu(self.transform(chosen)))
        return F.linear(chosen, self.words.weight, self.decoder_bias), self.next(torch.tanh(self.pooler(heads)))


ids, segments = (torch.tensor(data[name]).view(B, T) for name in ("ids", "segments"))
mask = torch.where(torch.tensor(data["attention"]).view(B, 1, 1, T) == 1, 0.0, -1e9)
masked = torch.tensor([b * T + t for b, row in enumerate(data["positions"]) for t in row])
labels = torch.tensor([label for row in data["labels"] for label in row])
next_labels = torch.tensor(data["next"])
first = torch.arange(B) * T

net = Bert().train()
groups = [
    {"params": [p for p in net.parameters() if p.dim() > 1], "weight_decay": 0.01},
    {"params": [p for p in net.parameters() if p.dim() < 2], "weight_decay": 0.0},
]
optimizer = torch.optim.AdamW(groups, 1e-4, fused=True)
print("ready", flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    tokens, pairs = net(ids, segments, mask, masked, first)
    loss = F.cross_entropy(tokens, labels) + F.cross_entropy(pairs, next_labels)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()
    value = loss.item()
    if loss.is_cuda:
        torch.cuda.synchronize()
    print(json.dumps({"ms": (time.perf_counter() - start) * 1e3, "loss": value}), flush=True)
