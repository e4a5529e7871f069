"""Writes attention.json: attention pooling, scoring and multi-head attention of torch, with gradients, on small odd sizes.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install torch && /tmp/golden/bin/python test/golden/make_attention.py

Each case has its parameters (differentiated), its output and weights, and the gradient of sum(output * probe) with probe[i] = sin(1 + i).
Dense weights are stored [in, out].
"""
import json
import math
import pathlib

import torch
from torch import nn

torch.manual_seed(0)
B, Q, K, D, H, V, A = 3, 4, 5, 6, 2, 7, 8
LENGTHS = torch.tensor([5, 2, 3])
LENGTHS_2D = torch.tensor([[1, 3, 5, 2], [2, 2, 4, 1], [5, 1, 3, 3]])


def randn(*shape):
    return torch.randn(*shape).requires_grad_()


def packed(t):
    return {"shape": list(t.shape), "data": [float(f"{x:.9g}") for x in t.detach().flatten().tolist()]}


def case(parameters, output, weights):
    probe = torch.sin(1 + torch.arange(output.numel(), dtype=torch.float32)).view(output.shape)
    (output * probe).sum().backward()
    return {
        "parameters": {name: packed(p) for name, p in parameters.items()},
        "gradients": {name: packed(p.grad) for name, p in parameters.items()},
        "output": packed(output),
        "weights": packed(weights),
    }


def softmax(scores, lengths):
    lengths = lengths[:, None] if lengths.dim() == 1 else lengths
    mask = torch.arange(K)[None, None] < lengths[..., None]
    return scores.masked_fill(~mask, float("-inf")).softmax(-1)


def masked_softmax(lengths):
    scores, values = randn(B, Q, K), randn(B, K, V)
    weights = softmax(scores, lengths)
    return case({"scores": scores, "values": values}, weights @ values, weights)


def nadaraya_watson(learned):
    q, k, v, w = randn(Q), randn(Q, K) if learned else randn(K), randn(Q, K) if learned else randn(K), torch.tensor([1.7]).requires_grad_()
    weights = (-((q[:, None] - k) * (w if learned else 1)) ** 2 / 2).softmax(-1)
    return case({"q": q, "k": k, "v": v, **({"w": w} if learned else {})}, (weights * v).sum(-1), weights)


def additive():
    q, k, v = randn(B, Q, 3), randn(B, K, D), randn(B, K, V)
    wq, wk, wv = randn(3, A), randn(D, A), randn(1, A)
    scores = torch.tanh((q @ wq)[:, :, None] + (k @ wk)[:, None]) @ wv[0]
    weights = softmax(scores, LENGTHS)
    return case({"q": q, "k": k, "v": v, "wq": wq, "wk": wk, "wv": wv}, weights @ v, weights)


def dot_product():
    q, k, v = randn(B, Q, D), randn(B, K, D), randn(B, K, V)
    weights = softmax(q @ k.transpose(1, 2) / math.sqrt(D), LENGTHS)
    return case({"q": q, "k": k, "v": v}, weights @ v, weights)


def multi_head(causal):
    x, y = randn(B, K if causal else Q, D), randn(B, K, D)
    wq, wk, wv, wo = (randn(D, D) for _ in range(4))
    bq, bk, bv, bo = (randn(D) for _ in range(4))
    net = nn.MultiheadAttention(D, H, batch_first=True)
    state = {
        "in_proj_weight": torch.cat([wq.T, wk.T, wv.T]),
        "in_proj_bias": torch.cat([bq, bk, bv]),
        "out_proj.weight": wo.T,
        "out_proj.bias": bo,
    }
    masks = (
        {"attn_mask": torch.ones(K, K).triu(1).bool()} if causal else {"key_padding_mask": torch.arange(K)[None] >= LENGTHS[:, None]}
    )
    seen = x if causal else y
    output, weights = torch.func.functional_call(net, state, (x, seen, seen), {**masks, "average_attn_weights": False})
    parameters = {"x": x, "wq": wq, "wk": wk, "wv": wv, "wo": wo, "bq": bq, "bv": bv, "bo": bo, "bk": bk}
    return case(parameters if causal else {**parameters, "y": y}, output, weights)


golden = {
    "made_with": {"torch": torch.__version__.split("+")[0]},
    "lengths": LENGTHS.tolist(),
    "lengths2d": LENGTHS_2D.tolist(),
    "cases": {
        "masked softmax, a length a row": masked_softmax(LENGTHS),
        "masked softmax, a length a query": masked_softmax(LENGTHS_2D),
        "Nadaraya-Watson": nadaraya_watson(False),
        "Nadaraya-Watson with a learned bandwidth": nadaraya_watson(True),
        "additive attention": additive(),
        "scaled dot-product attention": dot_product(),
        "multi-head causal self-attention": multi_head(True),
        "multi-head cross-attention": multi_head(False),
    },
}
path = pathlib.Path(__file__).with_name("attention.json")
path.write_text(json.dumps(golden) + "\n")
print(path, path.stat().st_size, "bytes")
