# Held-out losses by transformers' BertForPreTraining: python losses.py CHECKPOINT_FOLDER BATCHES_JSON
import json
import sys

import torch
from torch.nn.functional import cross_entropy
from transformers import BertForPreTraining

model, info = BertForPreTraining.from_pretrained(sys.argv[1], output_loading_info=True)
assert not info["missing_keys"] and not info["unexpected_keys"], info
model.eval()
mlm = nsp = masked = pairs = 0
with torch.no_grad():
    for batch in json.load(open(sys.argv[2])):
        ids, segments, mask, labels, following = (
            torch.tensor(batch[name]) for name in ("ids", "segments", "mask", "labels", "next")
        )
        out = model(input_ids=ids, token_type_ids=segments, attention_mask=mask)
        mlm += cross_entropy(out.prediction_logits.flatten(0, 1), labels.flatten(), reduction="sum").item()
        nsp += cross_entropy(out.seq_relationship_logits, following, reduction="sum").item()
        masked += int((labels != -100).sum())
        pairs += int((following != -100).sum())
print(json.dumps({"mlm": mlm / masked, "nsp": nsp / pairs, "masked": masked, "pairs": pairs}))
