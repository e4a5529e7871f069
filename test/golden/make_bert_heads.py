"""Writes bert-heads.json: logits, losses and all gradients of transformers' BERT heads on one small batch.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install torch transformers && /tmp/golden/bin/python test/golden/make_bert_heads.py

Tensors are base64 of little-endian float32 in C order. Sizes are odd and unequal, so that mixed-up axes show; dropout is off.
The loss of question answering is taken over the tokens that are not padding, which transformers leaves to whoever pads; for the rows
without padding it is checked to be transformers' own.
"""
import base64
import json
import pathlib

import torch
import transformers
from torch.nn.functional import cross_entropy, mse_loss
from transformers import (
    BertConfig,
    BertForQuestionAnswering,
    BertForSequenceClassification,
    BertForTokenClassification,
)

B, T, SEED = 3, 7, 0
CONFIG = dict(vocab_size=37, hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=17,
              max_position_embeddings=9, type_vocab_size=2, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
              layer_norm_eps=1e-12)
SEQUENCE_LABELS, TOKEN_LABELS = 3, 5


def packed(tensor):
    data = tensor.detach().to(torch.float32).contiguous().numpy()
    return {"shape": list(tensor.shape), "data": base64.b64encode(data.astype("<f4").tobytes()).decode()}


torch.manual_seed(SEED + 1)
ids = torch.randint(1, CONFIG["vocab_size"], (B, T))
segments = torch.zeros(B, T, dtype=torch.long)
segments[:, 4:] = 1
mask = torch.ones(B, T, dtype=torch.long)
mask[1, 5:] = 0
mask[2, 6:] = 0
ids[mask == 0] = 0
inputs = dict(input_ids=ids, attention_mask=mask, token_type_ids=segments)

classes = torch.tensor([2, 0, 1])
values = torch.tensor([0.5, -1.25, 3.0])
tags = torch.tensor([[-100, 4, 0, -100, 2, 1, -100], [-100, 3, 3, -100, -100, -100, -100], [-100, 1, -100, 0, 2, -100, -100]])
spans = torch.tensor([[2, 5], [1, 1], [0, 0]])


def answer_loss(out):
    hide = lambda logits: logits.masked_fill(mask == 0, float("-inf"))
    loss = (cross_entropy(hide(out.start_logits), spans[:, 0]) + cross_entropy(hide(out.end_logits), spans[:, 1])) / 2
    whole = (mask.sum(1) == T).nonzero().flatten()
    own = (cross_entropy(out.start_logits[whole], spans[whole, 0]) + cross_entropy(out.end_logits[whole], spans[whole, 1])) / 2
    rows = {name: tensor[whole] for name, tensor in inputs.items()}
    theirs = heads["question-answering"](**rows, start_positions=spans[whole, 0], end_positions=spans[whole, 1]).loss
    assert torch.allclose(own, theirs), (own, theirs)
    return loss


def made(cls, **changes):
    torch.manual_seed(SEED)
    net = cls(BertConfig(**{**CONFIG, **changes}, attn_implementation="eager")).train()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return net


heads = {
    "sequence-classification": made(BertForSequenceClassification, num_labels=SEQUENCE_LABELS),
    "regression": made(BertForSequenceClassification, num_labels=1, problem_type="regression"),
    "token-classification": made(BertForTokenClassification, num_labels=TOKEN_LABELS),
    "question-answering": made(BertForQuestionAnswering),
}
losses = {
    "sequence-classification": lambda out: cross_entropy(out.logits, classes),
    "regression": lambda out: mse_loss(out.logits.flatten(), values),
    "token-classification": lambda out: cross_entropy(out.logits.view(-1, TOKEN_LABELS), tags.view(-1)),
    "question-answering": answer_loss,
}
theirs = {"sequence-classification": classes, "regression": values, "token-classification": tags}

golden = {
    "made_with": {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__},
    "config": CONFIG,
    "ids": ids.flatten().tolist(),
    "segments": segments.flatten().tolist(),
    "mask": mask.flatten().tolist(),
    "heads": {},
}
labels = {"sequence-classification": classes, "regression": values, "token-classification": tags.clamp(min=-1), "question-answering": spans}
for name, net in heads.items():
    out = net(**inputs, output_hidden_states=True, output_attentions=True)
    loss = losses[name](out)
    if name in theirs:
        assert torch.allclose(loss, net(**inputs, labels=theirs[name]).loss), name
    net.zero_grad()
    loss.backward()
    logits = [out.start_logits, out.end_logits] if name == "question-answering" else [out.logits]
    golden["heads"][name] = {
        "labels": labels[name].flatten().tolist(),
        "loss": loss.item(),
        "weights": {key: packed(p) for key, p in net.named_parameters()},
        "gradients": {key: packed(p.grad) for key, p in net.named_parameters()},
        "logits": [packed(x) for x in logits],
        "hiddenStates": packed(torch.stack(out.hidden_states)),
        "attentions": packed(torch.stack(out.attentions)),
    }
target = pathlib.Path(__file__).with_name("bert-heads.json")
target.write_text(json.dumps(golden, indent=1) + "\n")
print(target, target.stat().st_size, "bytes", {name: head["loss"] for name, head in golden["heads"].items()})
