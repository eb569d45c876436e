/** Readings of devices at home: the newest of each kind and source, and the course of the others. */

import { ago, clock, measured, span } from "./words";
import { named, words } from "./language";
import { gap, linear, runs } from "./scale";
import type { HomeReading, HomeRow, Summary } from "./model";

const WIDTH = 160;
const HEIGHT = 32;
const EDGE = 3;
const MINUTE_MS = 60_000;

/** From so many values on they are a sensor's: minutes without one are a gap. */
export const DENSE = 24;

/** What is never a gap between two values of so many. */
export function together(count: number, usual: number): number {
  return count > DENSE ? 20 * MINUTE_MS : usual;
}

export function AtHome(props: { summary: Summary; elapsed: number }) {
  const { summary, elapsed } = props;
  const near = summary.shown_at;
  if (summary.home.length === 0) return null;
  return (
    <section aria-labelledby="home">
      <h2 id="home">{words.atHome}</h2>
      <div class="card scroll" role="region" aria-label={words.tableOfHome} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{words.what}</th>
              <th scope="col">{words.newestValue}</th>
              <th scope="col">{words.source}</th>
              <th scope="col">{words.measuredAt}</th>
              <th scope="col">{words.remarks}</th>
              <th scope="col">{words.course}</th>
            </tr>
          </thead>
          <tbody>
            {summary.home.map((row) => (
              <tr key={row.name + row.unit + row.from}>
                <th scope="row">{named(row)}</th>
                <td>
                  <strong>{told(row, row.unit)}</strong>
                  {row.before && (
                    <span class="quiet message">
                      {words.before(told(row.before, row.unit), since(row.before, elapsed))}
                    </span>
                  )}
                </td>
                <td>{[row.from, summary.sources[row.source]?.device].filter(Boolean).join(" · ")}</td>
                <td>
                  {clock(row.at, near)} <span class="quiet">{since(row, elapsed)}</span>
                </td>
                <td>
                  <Marks marks={row.marks} status={row.status} />
                  {row.earlier.length > 0 && (
                    <span class="quiet message">
                      {words.earlier(row.earlier.map((each) => `${mark(each.mark)} (${each.count})`).join(", "))}
                    </span>
                  )}
                </td>
                <td>
                  <Course row={row} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="quiet">{words.homeMeans}</p>
    </section>
  );
}

function since(reading: HomeReading, elapsed: number): string {
  return reading.age_s === null ? "" : ago(reading.age_s + elapsed);
}

function told(reading: HomeReading, unit: string): string {
  return reading.absent ? noValue(reading.absent) : measured(reading.value, unit);
}

/** Why there is no value, in words. */
export function noValue(code: string): string {
  return words.noValue(words.absent[code] ?? code.replaceAll("-", " "));
}

function mark(code: string): string {
  return words.marks[code] ?? code.replaceAll("-", " ");
}

/** What is not quite as it seems, each with its word; a status other than final among it. */
export function Marks(props: { marks: string[]; status?: string }) {
  const status = props.status && props.status !== "final" ? [props.status] : [];
  const all = [...props.marks.map(mark), ...status];
  return all.map((each) => (
    <span key={each} class="remark">
      {each}
    </span>
  ));
}

function between(row: HomeRow): string {
  const high = measured(row.high, row.unit);
  return row.low === row.high ? high : words.fromTo(row.low, high);
}

function Course(props: { row: HomeRow }) {
  const { row } = props;
  const points = row.points
    .map((each) => ({ t: Date.parse(each.at), number: Number(each.value) }))
    .filter((each) => Number.isFinite(each.t) && Number.isFinite(each.number));
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length < 2) return <span class="quiet">{words.oneValue}</span>;
  const numbers = points.map((each) => each.number);
  const x = linear({ from: first.t, to: last.t }, EDGE, WIDTH - EDGE);
  const y = linear({ from: Math.min(...numbers), to: Math.max(...numbers) }, HEIGHT - EDGE, EDGE);
  const apart = gap(points.map((each) => each.t), together(points.length, Infinity));
  return (
    <>
      <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        {runs(points, apart).map((run) => (
          <polyline
            key={run[0]?.t}
            class="line"
            points={run.map((each) => `${x(each.t).toFixed(1)},${y(each.number).toFixed(1)}`).join(" ")}
          />
        ))}
      </svg>
      <span class="quiet message">
        {words.courseOf(row.count, between(row), span((last.t - first.t) / 1000))}
      </span>
    </>
  );
}
