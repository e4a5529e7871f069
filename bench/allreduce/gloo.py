"""The same exchange by PyTorch's Gloo: gloo.py RANKS FLOATS WARMUP ROUNDS prints {"rounds": [ms, ...]} of rank 0."""

import json
import os
import socket
import sys
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp


def rank_main(rank, ranks, floats, warmup, rounds, port):
    torch.set_num_threads(1)
    os.environ["MASTER_ADDR"] = "127.0.0.1"
    os.environ["MASTER_PORT"] = str(port)
    dist.init_process_group("gloo", rank=rank, world_size=ranks)
    vector = torch.randn(floats)
    took = []
    for i in range(warmup + rounds):
        dist.barrier()
        started = time.perf_counter()
        dist.all_reduce(vector)
        if i >= warmup:
            took.append((time.perf_counter() - started) * 1e3)
        vector.fill_(rank)
    dist.barrier()
    dist.destroy_process_group()
    if rank == 0:
        print(json.dumps({"rounds": took}))


if __name__ == "__main__":
    ranks, floats, warmup, rounds = map(int, sys.argv[1:5])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mp.spawn(rank_main, args=(ranks, floats, warmup, rounds, port), nprocs=ranks)
