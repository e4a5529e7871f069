const colors = { layers: '#2563eb', width: '#ea580c', length: '#16a34a', vocabulary: '#9333ea', batch: '#64748b' };
const [width, height, left, bottom, top, right] = [560, 360, 56, 44, 16, 116];

/** Time over counted operations of every point, both axes logarithmic, a line an axis of `points` (run.mjs): an SVG. */
export function plot(points) {
  const decades = (values) => [Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values)))];
  const [x0, x1] = decades(points.map(({ gflop }) => gflop));
  const [y0, y1] = decades(points.map(({ ms }) => ms));
  const px = (gflop) => round(left + ((Math.log10(gflop) - x0) / (x1 - x0)) * (width - left - right));
  const py = (ms) => round(height - bottom - ((Math.log10(ms) - y0) / (y1 - y0)) * (height - top - bottom));
  const powers = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
  const line = (xa, ya, xb, yb, style) => `<path d="M${xa} ${ya}L${xb} ${yb}" ${style}/>`;
  const text = (x, y, words, more = '') => `<text x="${x}" y="${y}" ${more}>${words}</text>`;
  const grid = 'stroke="#94a3b8" stroke-opacity=".35"';
  const parts = [
    ...powers(x0, x1).flatMap((v) => [
      line(px(v), top, px(v), height - bottom, grid),
      text(px(v), height - bottom + 16, v, 'text-anchor="middle"'),
    ]),
    ...powers(y0, y1).flatMap((v) => [
      line(left, py(v), width - right, py(v), grid),
      text(left - 6, py(v) + 4, v, 'text-anchor="end"'),
    ]),
    text((left + width - right) / 2, height - 8, 'GFLOP a step', 'text-anchor="middle"'),
    text(
      14,
      (height - bottom) / 2,
      'ms a step',
      `text-anchor="middle" transform="rotate(-90 14 ${(height - bottom) / 2})"`,
    ),
    ...Object.entries(colors).flatMap(([axis, color], i) => {
      const of = points.filter((point) => point.axis === axis);
      const path = of.map(({ gflop, ms }) => `${px(gflop)} ${py(ms)}`).join('L');
      return [
        `<path d="M${path}" fill="none" stroke="${color}" stroke-width="1.5"/>`,
        ...of.map(({ gflop, ms }) => `<circle cx="${px(gflop)}" cy="${py(ms)}" r="3" fill="${color}"/>`),
        `<circle cx="${width - right + 14}" cy="${top + 10 + 20 * i}" r="4" fill="${color}"/>`,
        text(width - right + 24, top + 14 + 20 * i, axis),
      ];
    }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#64748b">\n<title>Time of a training step over the operations in its matrix products</title>\n${parts.join('\n')}\n</svg>\n`;
}

const round = (value) => Math.round(value * 10) / 10;
