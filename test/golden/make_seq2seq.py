"""Writes seq2seq.json: outputs, losses and all gradients of recurrent translation models written with torch.nn.GRU, on one small batch.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install torch && /tmp/golden/bin/python test/golden/make_seq2seq.py

The encoder runs over packed sequences; the decoder's input at every step is context + embedding, the context being the encoder's last state
or what additive attention finds for the decoder's state before the step. Tensors are base64 of little-endian float32 in C order. Sizes are odd
and unequal, so that mixed-up axes show; dropout is off.
"""
import base64
import json
import pathlib

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

B, S, T, H, L, VS, VT, SEED = 3, 7, 5, 5, 2, 11, 13, 0
SMOOTHING, SCALE = 0.1, 0.25


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VS, H)
        self.rnn = nn.GRU(H, H, L, batch_first=True)

    def forward(self, ids, lengths):
        packed = pack_padded_sequence(self.embedding(ids), lengths, batch_first=True, enforce_sorted=False)
        outputs, states = self.rnn(packed)
        return pad_packed_sequence(outputs, batch_first=True, total_length=S)[0], states


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.W_q, self.W_k, self.w_v = (nn.Linear(H, n, bias=False) for n in (H, H, 1))

    def forward(self, query, keys, mask):
        scores = self.w_v(torch.tanh(self.W_q(query)[:, None] + self.W_k(keys)))[..., 0]
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return (weights[:, :, None] * keys).sum(1), weights


class Decoder(nn.Module):
    def __init__(self, attends, tied):
        super().__init__()
        self.embedding = nn.Embedding(VT, H)
        self.rnn = nn.GRU(2 * H, H, L, batch_first=True)
        if attends:
            self.attention = Attention()
        self.dense = nn.Linear(H, VT)
        if tied:
            self.dense.weight = self.embedding.weight

    def forward(self, ids, outputs, states, mask):
        embedded, context, logits, weights = self.embedding(ids), states[-1], [], []
        for t in range(T):
            if hasattr(self, "attention"):
                context, found = self.attention(states[-1], outputs, mask)
                weights.append(found)
            y, states = self.rnn(torch.cat([context, embedded[:, t]], -1)[:, None], states)
            logits.append(self.dense(y[:, 0]))
        return torch.stack(logits, 1), torch.stack(weights, 1) if weights else None


class Model(nn.Module):
    def __init__(self, attends, tied):
        super().__init__()
        self.encoder, self.decoder = Encoder(), Decoder(attends, tied)

    def forward(self, source, lengths, target):
        outputs, states = self.encoder(source, lengths)
        mask = torch.arange(S)[None] < lengths[:, None]
        return outputs, states, *self.decoder(target, outputs, states, mask)


def packed(tensor):
    data = tensor.detach().to(torch.float32).contiguous().numpy()
    return {"shape": list(tensor.shape), "data": base64.b64encode(data.astype("<f4").tobytes()).decode()}


torch.manual_seed(SEED)
lengths, target_lengths = torch.tensor([7, 2, 4]), torch.tensor([3, 5, 2])
source = torch.randint(4, VS, (B, S)) * (torch.arange(S) < lengths[:, None])
weights = (torch.arange(T) < target_lengths[:, None]).float()
target_input, target = (torch.randint(1, VT, (B, T)) * weights.long() for _ in range(2))


def case(attends, tied):
    torch.manual_seed(SEED + 1)
    net = Model(attends, tied)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.normal_(0, 0.6)
    outputs, states, logits, attention = net(source, lengths, target_input)
    flat, wanted, w = logits.reshape(-1, VT), target.flatten(), weights.flatten()
    loss = (nn.functional.cross_entropy(flat, wanted, reduction="none", label_smoothing=SMOOTHING) * w).sum()
    nll = (nn.functional.cross_entropy(flat, wanted, reduction="none") * w).sum()
    (loss * SCALE).backward()
    return {
        "architecture": "seq2seq-attention" if attends else "seq2seq-gru",
        "tied": tied,
        "loss": loss.item(),
        "nll": nll.item(),
        "correct": ((flat.argmax(-1) == wanted) * w).sum().item(),
        "weights": {name: packed(p) for name, p in net.named_parameters()},
        "gradients": {name: packed(p.grad) for name, p in net.named_parameters()},
        "outputs": packed(outputs),
        "states": packed(states),
        "logits": packed(logits),
        **({"attention": packed(attention)} if attends else {}),
    }


golden = {
    "made_with": {"torch": torch.__version__.split("+")[0]},
    "sizes": {"batch": B, "sourceLength": S, "targetLength": T, "hiddenSize": H, "layers": L, "source": VS, "target": VT},
    "smoothing": SMOOTHING,
    "scale": SCALE,
    "sourceIds": source.flatten().tolist(),
    "sourceLengths": lengths.tolist(),
    "targetInputIds": target_input.flatten().tolist(),
    "targetIds": target.flatten().tolist(),
    "tokenWeights": weights.flatten().tolist(),
    "cases": [case(False, True), case(True, False)],
}
path = pathlib.Path(__file__).with_name("seq2seq.json")
path.write_text(json.dumps(golden, indent=1) + "\n")
print(path, path.stat().st_size, "bytes", [(c["loss"], c["nll"], c["correct"]) for c in golden["cases"]])
