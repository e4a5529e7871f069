"""Writes bert.json: activations, losses and all gradients of transformers' BertForPreTraining on one small batch.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install torch transformers && /tmp/golden/bin/python test/golden/make_bert.py

Tensors are base64 of little-endian float32 in C order. Sizes are odd and unequal, so that mixed-up axes show; dropout is off.
`margins` says how far the last hidden state moves if the model has another activation or epsilon: what a test must be able to see.
"""
import base64
import json
import pathlib

import torch
import transformers
from transformers import BertConfig, BertForPreTraining

B, T, SEED = 3, 7, 0
CONFIG = dict(vocab_size=101, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=48,
              max_position_embeddings=13, type_vocab_size=2, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
              layer_norm_eps=1e-12)


def model(state=None, **changes):
    torch.manual_seed(SEED)
    net = BertForPreTraining(BertConfig(**{**CONFIG, **changes}, attn_implementation="eager")).train()
    if state is None:
        with torch.no_grad():
            for parameter in net.parameters():
                parameter.add_(torch.randn_like(parameter) * 0.15)
    else:
        net.load_state_dict(state)
    return net


def packed(tensor):
    data = tensor.detach().to(torch.float32).contiguous().numpy()
    return {"shape": list(tensor.shape), "data": base64.b64encode(data.astype("<f4").tobytes()).decode()}


net = model()
torch.manual_seed(SEED + 1)
ids = torch.randint(1, CONFIG["vocab_size"], (B, T))
segments = torch.zeros(B, T, dtype=torch.long)
segments[:, 4:] = 1
mask = torch.ones(B, T, dtype=torch.long)
mask[1, 5:] = 0
mask[2, 6:] = 0
ids[mask == 0] = 0
positions = [[2, 5], [1], [1, 3, 4]]
labels = torch.full((B, T), -100)
for b, row in enumerate(positions):
    for t in row:
        labels[b, t] = torch.randint(0, CONFIG["vocab_size"], ()).item()
next_labels = torch.tensor([0, 1, 1])

inputs = dict(input_ids=ids, attention_mask=mask, token_type_ids=segments)
out = net(**inputs, output_hidden_states=True, output_attentions=True)
mlm = torch.nn.functional.cross_entropy(out.prediction_logits.view(-1, CONFIG["vocab_size"]), labels.view(-1))
nsp = torch.nn.functional.cross_entropy(out.seq_relationship_logits, next_labels)
(mlm + nsp).backward()


def moved(**changes):
    other = model(net.state_dict(), **changes)(**inputs, output_hidden_states=True)
    return (other.hidden_states[-1] - out.hidden_states[-1]).abs().max().item()


golden = {
    "made_with": {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__},
    "config": CONFIG,
    "ids": ids.flatten().tolist(),
    "segments": segments.flatten().tolist(),
    "mask": mask.flatten().tolist(),
    "positions": positions,
    "labels": [[labels[b, t].item() for t in row] for b, row in enumerate(positions)],
    "next_labels": next_labels.tolist(),
    "mlm": mlm.item(),
    "nsp": nsp.item(),
    "margins": {"relu": moved(hidden_act="relu"), "tanh_gelu": moved(hidden_act="gelu_new"), "epsilon_1e-5": moved(layer_norm_eps=1e-5)},
    "weights": {name: packed(p) for name, p in net.named_parameters()},
    "gradients": {name: packed(p.grad) for name, p in net.named_parameters()},
    "outputs": {
        "hiddenStates": packed(torch.stack(out.hidden_states)),
        "lastHiddenState": packed(out.hidden_states[-1]),
        "pooled": packed(net.bert.pooler(out.hidden_states[-1])),
        "predictionLogits": packed(out.prediction_logits),
        "seqRelationshipLogits": packed(out.seq_relationship_logits),
        "attentions": packed(torch.stack(out.attentions)),
    },
}
target = pathlib.Path(__file__).with_name("bert.json")
target.write_text(json.dumps(golden, indent=1) + "\n")
print(target, target.stat().st_size, "bytes", golden["margins"], golden["mlm"], golden["nsp"])
