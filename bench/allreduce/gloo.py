"""The same exchange by PyTorch's Gloo: gloo.py RANKS FLOATS. For every line "go" it makes one round and rank 0 prints {"ms", "cpuMs"}: its time, and the processor
time of all ranks."""

import json
import os
import socket
import sys
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp


def rank_main(rank, ranks, floats, port, orders):
    torch.set_num_threads(1)
    os.environ["MASTER_ADDR"] = "127.0.0.1"
    os.environ["MASTER_PORT"] = str(port)
    dist.init_process_group("gloo", rank=rank, world_size=ranks)
    vector = torch.zeros(floats)
    # multiprocessing closes standard input in its children.
    orders = os.fdopen(orders) if rank == 0 else None
    go = torch.zeros(1)
    while True:
        if rank == 0:
            go.fill_(1 if orders.readline().strip() == "go" else 0)
        dist.broadcast(go, 0)
        if not go.item():
            break
        vector.fill_(rank)
        dist.barrier()
        started, cpu = time.perf_counter(), time.process_time()
        dist.all_reduce(vector)
        ms = (time.perf_counter() - started) * 1e3
        used = torch.tensor([(time.process_time() - cpu) * 1e3])
        dist.all_reduce(used)
        if rank == 0:
            print(json.dumps({"ms": ms, "cpuMs": used.item()}), flush=True)
    dist.destroy_process_group()


if __name__ == "__main__":
    ranks, floats = map(int, sys.argv[1:3])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mp.start_processes(rank_main, args=(ranks, floats, port, os.dup(0)), nprocs=ranks, start_method="fork")
