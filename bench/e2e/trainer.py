"""The same pairs through transformers' Trainer on one core: trainer.py FOLDER VARIANT.

stock: BertForPreTraining as installed (scaled_dot_product_attention is its default), DataCollatorForLanguageModeling with dynamic padding.
gathered: the decoder only on the masked rows. fastest: that, and batches of pairs of like length. All with fused AdamW.
Prints {seconds, cpu, loss, peakMiB}: the time and processor time of train(), and the masked loss on the held-out batches, in nats.
"""
import json
import pathlib
import resource
import sys
import time

import torch
from torch.nn import functional as F
from transformers.utils import logging
from transformers import BertForPreTraining, DataCollatorForLanguageModeling, PreTrainedTokenizerFast, Trainer, TrainingArguments
from tokenizers import Tokenizer, models

folder, variant = pathlib.Path(sys.argv[1]), sys.argv[2]
torch.set_num_threads(1)
logging.disable_progress_bar()
torch.manual_seed(1)
job = json.loads((folder / "pairs.json").read_text())
special = dict(pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")
vocabulary = {token: number for number, token in enumerate(job["vocabulary"])}
tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]")), **special)


class Gathered(BertForPreTraining):
    """The decoder reads the masked rows alone."""

    def forward(self, input_ids, attention_mask, token_type_ids, labels, next_sentence_label, **_):
        out = self.bert(input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
        masked = labels != -100
        words = self.cls.predictions(out.last_hidden_state[masked])
        pairs = self.cls.seq_relationship(out.pooler_output)
        return {"loss": F.cross_entropy(words, labels[masked]) + F.cross_entropy(pairs, next_sentence_label)}


class Pairs(torch.utils.data.Dataset):
    def __init__(self, pairs):
        self.pairs = [self.example(**pair) for pair in pairs]

    @staticmethod
    def example(ids, first, next):
        special = [0] * len(ids)
        special[0] = special[first - 1] = special[-1] = 1
        return dict(input_ids=ids, token_type_ids=[0] * first + [1] * (len(ids) - first), attention_mask=[1] * len(ids),
                    special_tokens_mask=special, next_sentence_label=next)

    def __len__(self):
        return len(self.pairs)

    def __getitem__(self, i):
        return dict(self.pairs[i])


Model = BertForPreTraining if variant == "stock" else Gathered
net = Model.from_pretrained(folder)
settings = job["optimizer"]
groups = [
    {"params": [p for p in net.parameters() if p.dim() > 1], "weight_decay": settings["weightDecay"]},
    {"params": [p for p in net.parameters() if p.dim() < 2], "weight_decay": 0.0},
]
optimizer = torch.optim.AdamW(groups, lr=1.0, betas=(settings["beta1"], settings["beta2"]), eps=settings["epsilon"], fused=True)
rates = job["rates"]
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rates[min(step, len(rates) - 1)])
trainer = Trainer(
    model=net,
    args=TrainingArguments(
        output_dir=str(folder / variant), num_train_epochs=1, per_device_train_batch_size=job["batchSize"], max_grad_norm=settings["clipNorm"],
        use_cpu=True, report_to=[], save_strategy="no", logging_strategy="no", disable_tqdm=True, seed=1,
        dataloader_pin_memory=False, remove_unused_columns=False,
        **({"train_sampling_strategy": "group_by_length"} if variant == "fastest" else {})),
    train_dataset=Pairs(job["pairs"]),
    data_collator=DataCollatorForLanguageModeling(tokenizer=tokenizer, mlm_probability=job["maskProbability"]),
    optimizers=(optimizer, schedule),
)
before = time.process_time()
seconds = trainer.train().metrics["train_runtime"]
cpu = time.process_time() - before
net.eval()
total, count = 0.0, 0
with torch.no_grad():
    for batch in job["heldOut"]:
        ids, segments, attention, labels = (torch.tensor(batch[name]).view(len(batch["next"]), -1) for name in ("ids", "segments", "attention", "labels"))
        states = net.bert(ids, attention_mask=attention, token_type_ids=segments).last_hidden_state
        masked = labels != -100
        total += F.cross_entropy(net.cls.predictions(states[masked]), labels[masked], reduction="sum").item()
        count += int(masked.sum())
print(json.dumps({"seconds": seconds, "cpu": cpu, "loss": total / count, "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
