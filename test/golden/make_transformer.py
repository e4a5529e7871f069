"""Writes transformer.json: outputs, losses and all gradients of torch.nn's Transformer on one small batch.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install torch && /tmp/golden/bin/python test/golden/make_transformer.py

Four cases: post- and pre-norm, each with relu and gelu; each with another choice of tied embeddings and label smoothing. They share one set
of weights, under the names of Hugging Face's MarianMT, which torch's in_proj is split into. Tensors are base64 of little-endian float32 in
C order. Sizes are odd and unequal, so that mixed-up axes show; dropout is off. Numbers of padding are left out of outputs by the test.
"""
import base64
import json
import math
import pathlib

import torch
from torch import nn

B, S, T, D, H, I, L = 3, 7, 5, 12, 3, 13, 2
SOURCE, TARGET, SEED = 13, 15, 0
CASES = [
    dict(norm="post", activation="relu", tied=False, smoothing=0.1),
    dict(norm="post", activation="gelu", tied=True, smoothing=0.0),
    dict(norm="pre", activation="relu", tied=True, smoothing=0.1),
    dict(norm="pre", activation="gelu", tied=False, smoothing=0.2),
]


class Transformer(nn.Module):
    def __init__(self, norm, activation, tied, smoothing):
        super().__init__()
        settings = dict(d_model=D, nhead=H, dim_feedforward=I, dropout=0.0, activation=activation, batch_first=True, norm_first=norm == "pre")
        last = lambda: nn.LayerNorm(D) if norm == "pre" else None
        self.source = nn.Embedding(SOURCE, D)
        self.target = nn.Embedding(TARGET, D)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(**settings), L, norm=last(), enable_nested_tensor=False)
        self.decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(**settings), L, norm=last())
        self.head = nn.Linear(D, TARGET)
        if tied:
            self.head.weight = self.target.weight

    def forward(self, source, target, absent):
        causal = nn.Transformer.generate_square_subsequent_mask(target.shape[1])
        memory = self.encoder(self.source(source) * math.sqrt(D) + positions(S), src_key_padding_mask=absent)
        states = self.decoder(self.target(target) * math.sqrt(D) + positions(T), memory, tgt_mask=causal, memory_key_padding_mask=absent)
        return memory, self.head(states)


def positions(length):
    """As Vaswani et al. write them, number by number."""
    return torch.tensor([[math.sin(i / 10000 ** (k / D)) if k % 2 == 0 else math.cos(i / 10000 ** ((k - 1) / D)) for k in range(D)] for i in range(length)])


def marian_names(net, pick):
    """Hugging Face's names → pick(parameter), in_proj split in three."""
    tensors = {}
    for name, parameter in net.named_parameters():
        value = pick(parameter)
        side, _, rest = name.partition(".layers.")
        if not rest:
            name = {
                "source.weight": "encoder.embed_tokens.weight",
                "target.weight": "decoder.embed_tokens.weight",
                "head.weight": "lm_head.weight",
                "head.bias": "lm_head.bias",
            }.get(name, name.replace(".norm.", ".layer_norm."))
            tensors[name] = value
            continue
        layer, part, leaf = rest.split(".", 2)
        at = f"{side}.layers.{layer}"
        norms = {"norm1": "self_attn_layer_norm", "norm2": "encoder_attn_layer_norm" if side == "decoder" else "final_layer_norm", "norm3": "final_layer_norm"}
        part = {"multihead_attn": "encoder_attn", "linear1": "fc1", "linear2": "fc2", **norms}.get(part, part)
        if leaf.startswith("in_proj_"):
            for letter, third in zip("qkv", value.chunk(3)):
                tensors[f"{at}.{part}.{letter}_proj.{leaf.removeprefix('in_proj_')}"] = third
        else:
            tensors[f"{at}.{part}.{leaf}"] = value
    return tensors


def packed(tensor):
    data = tensor.detach().to(torch.float32).contiguous().numpy()
    return {"shape": list(tensor.shape), "data": base64.b64encode(data.astype("<f4").tobytes()).decode()}


torch.manual_seed(SEED)
source = torch.randint(1, SOURCE, (B, S))
target = torch.randint(1, TARGET, (B, T + 1))
source_lengths, target_lengths = torch.tensor([7, 4, 5]), torch.tensor([3, 5, 4])
absent = torch.arange(S) >= source_lengths[:, None]
weights = (torch.arange(T) < target_lengths[:, None]).float()
source[absent] = 0

# the last case has every name: with its weights, less those that a case has no use for, all are run
shared = None
cases = []
for case in [CASES[3], *CASES[:3]]:
    torch.manual_seed(SEED + 1)
    net = Transformer(**case)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    if shared is None:
        shared = {name: parameter.detach().clone() for name, parameter in net.named_parameters()}
    state = {name: shared.get(name, shared["target.weight"]) for name in net.state_dict()}
    if case["tied"]:
        state["head.weight"] = shared["target.weight"]
    net.load_state_dict(state)
    memory, logits = net(source, target[:, :-1], absent)
    flat = dict(reduction="none")
    smoothed = nn.functional.cross_entropy(logits.transpose(1, 2), target[:, 1:], label_smoothing=case["smoothing"], **flat)
    plain = nn.functional.cross_entropy(logits.transpose(1, 2), target[:, 1:], **flat)
    ((smoothed * weights).sum() / weights.sum()).backward()
    cases.append({
        **case,
        "memory": packed(memory),
        "logits": packed(logits),
        "loss": (smoothed * weights).sum().item(),
        "nll": (plain * weights).sum().item(),
        "correct": ((logits.argmax(-1) == target[:, 1:]) * weights).sum().item(),
        "gradients": {name: packed(value) for name, value in marian_names(net, lambda p: p.grad).items()},
    })
    if case is CASES[3]:
        all_weights = {name: packed(value) for name, value in marian_names(net, lambda p: p).items()}

golden = {
    "made_with": {"torch": torch.__version__.split("+")[0]},
    "sizes": dict(B=B, S=S, T=T, D=D, H=H, I=I, L=L, source=SOURCE, target=TARGET),
    "sourceIds": source.flatten().tolist(),
    "sourceLengths": source_lengths.tolist(),
    "targetInputIds": target[:, :-1].flatten().tolist(),
    "targetIds": target[:, 1:].flatten().tolist(),
    "weights": weights.flatten().tolist(),
    "positions": packed(positions(S)),
    "parameters": all_weights,
    "cases": cases,
}
path = pathlib.Path(__file__).with_name("transformer.json")
path.write_text(json.dumps(golden) + "\n")
print(path, path.stat().st_size, "bytes", [(c["loss"], c["nll"], c["correct"]) for c in cases])
