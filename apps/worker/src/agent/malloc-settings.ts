/**
 * Settings of glibc's malloc for a trainer, found by measurement (ONNX Runtime allocates and frees large tensors every step): keep freed memory
 * and use huge pages, or each step pays the kernel for the same pages again. Other systems ignore them. They work only as an environment variable.
 */
export const mallocSettings = {
  GLIBC_TUNABLES: [
    'glibc.malloc.hugetlb=1',
    'glibc.malloc.mmap_threshold=4294967296',
    'glibc.malloc.trim_threshold=8589934592',
  ].join(':'),
};
