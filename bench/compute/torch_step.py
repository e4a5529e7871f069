"""The same training step in PyTorch, one a line of input: forward, gradient, gradient clipping, fused AdamW. Started by run.mjs:
torch_step.py JOB VARIANT [CORES], where VARIANT is plain, gathered (torch_models.py), compile or compile-gathered (through torch.compile), or stock
(transformers' BertForPreTraining); the process goes to CORES (0,1) when it has compiled.
"""
import json
import os
import resource
import sys
import time

import torch
from torch import nn

from torch_models import MODELS, Stock

job, variant = json.load(open(sys.argv[1])), sys.argv[2]
torch.set_num_threads(job["threads"])
torch.set_default_device(job.get("device", "cpu"))
torch.manual_seed(0)
Model = Stock if variant == "stock" else MODELS[job.get("task", "pretrain")]
net = Model(job, variant.endswith("gathered")).train()
parameters = list(net.parameters())
groups = [
    {"params": [p for p in parameters if p.dim() > 1], "weight_decay": 0.01},
    {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
]
optimizer = torch.optim.AdamW(groups, 1e-4, fused=True)
forward = torch.compile(net) if variant.startswith("compile") else net


def step():
    loss = forward()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    value = loss.item()
    if loss.is_cuda:
        torch.cuda.synchronize()
    return value


if variant.startswith("compile"):
    step()
    if len(sys.argv) > 3:
        for thread in os.listdir("/proc/self/task"):
            os.sched_setaffinity(int(thread), {int(core) for core in sys.argv[3].split(",")})
print("ready", flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    value = step()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"ms": (time.perf_counter() - start) * 1e3, "loss": value, "peakMiB": peak}), flush=True)
