/**
 * Sinusoidal positions (Vaswani et al., 2017, section 3.5) as a table [length, width]: number 2j of position i is sin(i / 10000^(2j / width)),
 * number 2j + 1 the cosine of the same angle.
 */
export function sinusoidalPositions(length: number, width: number): Float32Array {
  return Float32Array.from({ length: length * width }, (_, at) => {
    const [i, k] = [Math.floor(at / width), at % width];
    const angle = i / 10_000 ** ((k - (k % 2)) / width);
    return k % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
}
