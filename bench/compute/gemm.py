"""GFLOP/s of matrix products with MKL (PyTorch) and OpenBLAS (numpy), a line of input a round: gemm.py SHAPES, JSON of [m, k, n]."""
import json
import os
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ.pop("OPENBLAS_CORETYPE", None)
import numpy
import torch

torch.set_num_threads(1)


def rate(multiply, m, k, n):
    started = time.perf_counter()
    multiply()
    return 2e-9 * m * k * n / (time.perf_counter() - started)


products = []
for m, k, n in json.loads(sys.argv[1]):
    a, b = torch.rand(m, k), torch.rand(k, n)
    c, x, y, z = torch.empty(m, n), a.numpy(), b.numpy(), numpy.empty((m, n), numpy.float32)
    products.append((m, k, n, lambda a=a, b=b, c=c: torch.mm(a, b, out=c), lambda x=x, y=y, z=z: numpy.matmul(x, y, out=z)))
print("ready", flush=True)
for _ in sys.stdin:
    print(json.dumps({"MKL": max(rate(mkl, m, k, n) for m, k, n, mkl, _ in products),
                      "OpenBLAS": max(rate(blas, m, k, n) for m, k, n, _, blas in products)}), flush=True)
