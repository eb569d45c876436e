/** Numbers become places on a chart. */

export interface Domain {
  from: number;
  to: number;
}

/** A function from a domain to a range of pixels; a domain without width lies in the middle. */
export function linear(domain: Domain, start: number, end: number): (value: number) => number {
  const width = domain.to - domain.from;
  if (width === 0) return () => (start + end) / 2;
  return (value) => start + ((value - domain.from) / width) * (end - start);
}

const STEPS = [1, 2, 5, 10];

/** Round numbers that cover the values: the axis starts and ends on them. */
export function ticks(low: number, high: number, count = 3): number[] {
  if (low === high) {
    const pad = Math.abs(low) * 0.1 || 1;
    return ticks(low - pad, high + pad, count);
  }
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((each) => each * power >= rough) ?? 10) * power;
  const first = Math.floor(low / step) * step;
  const made: number[] = [];
  for (let tick = first; tick < high + step; tick += step) made.push(Number(tick.toPrecision(12)));
  return made;
}

/** Runs of points without a gap: lines are drawn inside a run, never across a gap. */
export function runs<T extends { t: number }>(points: T[], gapMs: number): T[][] {
  const made: T[][] = [];
  for (const point of points) {
    const run = made.at(-1);
    const last = run?.at(-1);
    if (run && last && point.t - last.t <= gapMs) run.push(point);
    else made.push([point]);
  }
  return made;
}

/** What counts as a gap here: three times the usual distance, at least `floorMs`. */
export function gap(times: number[], floorMs: number): number {
  const apart = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const sorted = apart.sort((one, other) => one - other);
  const usual = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return Math.max(3 * usual, floorMs);
}

/** Ticks as texts, all with as many decimals as the distance between them needs. */
export function labels(marks: number[]): string[] {
  const step = Math.abs((marks[1] ?? 1) - (marks[0] ?? 0)) || 1;
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return marks.map((mark) => mark.toFixed(decimals));
}
