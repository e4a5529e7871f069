const marks = '⠁⠂⠄⡀';

/**
 * A curve in text: `height` lines, each four dots high. More values than columns are averaged; the newest stand right.
 * @returns lines of equal meaning from top to bottom, with the largest and smallest value at their left; [] without two values
 */
export function chart(values: number[], { width, height }: { width: number; height: number }): string[] {
  if (values.length < 2) return [];
  const columns = Math.min(width, values.length);
  const averages = Array.from({ length: columns }, (_, column) => {
    const part = values.slice(
      Math.floor((column * values.length) / columns),
      Math.floor(((column + 1) * values.length) / columns),
    );
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  const [low, high] = [Math.min(...averages), Math.max(...averages)];
  const dots = height * marks.length;
  const fromTop = averages.map((value) =>
    high === low ? dots - 1 : Math.round(((high - value) / (high - low)) * (dots - 1)),
  );
  const label = (line: number): string => (line === 0 ? high.toFixed(3) : line === height - 1 ? low.toFixed(3) : '');
  return Array.from({ length: height }, (_, line) => {
    const cells = fromTop.map((dot) => (Math.floor(dot / marks.length) === line ? marks[dot % marks.length] : ' '));
    return `${label(line).padStart(8)} ┤${cells.join('').trimEnd()}`;
  });
}
