import { bf16, int8, VectorFormat } from '@regatta/collective';

const roundings = { bf16, int8: int8(1) };

/** All but the sums behind a gradient are rounded. */
export const formatOf = (compression, floats) =>
  compression === 'none' ? new VectorFormat() : new VectorFormat(floats - 16, roundings[compression]);
