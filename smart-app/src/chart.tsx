/** A series becomes a small chart, and the same values as a table. */

import { useState } from "preact/hooks";
import { byDevice, clock, measured, origin, said } from "./words";
import { Marks } from "./home";
import { words } from "./language";
import { gap, labels, linear, runs, ticks, type Domain } from "./scale";
import type { Point, Range, Source } from "./model";

export interface Charted {
  label: string;
  unit: string;
  range: Range | null;
  /** What is usual for this patient; it describes and is no reference range. */
  usual?: Range | null;
  points: Point[];
  /** Shorter times between two values are never a gap. */
  together: number;
}

interface Placed {
  t: number;
  number: number;
  point: Point;
}

/** More marks than these would hide the line. */
const MARKED = 60;
/** The table names so many; the line has them all. */
const LISTED = 30;

const WIDTH = 320;
const HEIGHT = 112;
const LEFT = 36;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 20;

/** The points with a number, as the chart places them. */
export function placed(points: Point[]): Placed[] {
  return points
    .map((point) => ({ t: Date.parse(point.at), number: Number(point.value), point }))
    .filter((each) => Number.isFinite(each.t) && Number.isFinite(each.number));
}

export function Lines(props: {
  charted: Charted;
  time: Domain;
  near: string;
  sources: Source[];
}) {
  const { charted, time, near, sources } = props;
  const [chosen, choose] = useState<number | null>(null);
  const all = placed(charted.points);
  if (all.length === 0) return <p class="quiet">{words.noValueHere}</p>;
  const limits = [...bounds(charted.range), ...bounds(charted.usual ?? null)];
  const numbers = [...all.map((each) => each.number), ...limits];
  const marks = ticks(Math.min(...numbers), Math.max(...numbers));
  const texts = labels(marks);
  const low = marks[0] ?? 0;
  const high = marks.at(-1) ?? 1;
  const x = linear(time, LEFT, WIDTH - RIGHT);
  const y = linear({ from: low, to: high }, HEIGHT - BOTTOM, TOP);
  const tell = (point: Point) =>
    words.at(said(point, charted.unit), clock(point.at, near), origin(sources[point.source]));
  const picked = chosen === null ? undefined : all[Math.min(chosen, all.length - 1)];
  const last = all.length - 1;
  return (
    <div class="stepper">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={summary(charted, all, near)}>
        <Band range={charted.range} y={y} low={low} high={high} />
        <Usual range={charted.usual ?? null} y={y} />
        {marks.map((mark, index) => (
          <g key={mark} class="tick">
            <line x1={LEFT} x2={WIDTH - RIGHT} y1={y(mark)} y2={y(mark)} />
            <text x={LEFT - 5} y={y(mark) + 3.5} text-anchor="end">
              {texts[index]}
            </text>
          </g>
        ))}
        <text class="axis" x={LEFT} y={HEIGHT - 5}>
          {clock(new Date(time.from).toISOString(), near)}
        </text>
        <text class="axis" x={WIDTH - RIGHT} y={HEIGHT - 5} text-anchor="end">
          {clock(new Date(time.to).toISOString(), near)}
        </text>
        {runs(all, gap(all.map((each) => each.t), charted.together)).map((run) => (
          <polyline
            key={run[0]?.t}
            class="line"
            points={run.map((each) => `${x(each.t).toFixed(1)},${y(each.number).toFixed(1)}`).join(" ")}
          />
        ))}
        {all.length <= MARKED && all.map((each) => (
          <Mark
            key={each.point.observation + each.point.at}
            x={x(each.t)}
            y={y(each.number)}
            device={byDevice(sources[each.point.source])}
            title={tell(each.point)}
          />
        ))}
        {picked && (
          <g class="picked">
            <line x1={x(picked.t)} x2={x(picked.t)} y1={TOP} y2={HEIGHT - BOTTOM} />
            <circle cx={x(picked.t)} cy={y(picked.number)} r="5.5" />
          </g>
        )}
      </svg>
      <input
        class="no-print"
        type="range"
        min="0"
        max={last}
        value={chosen ?? last}
        aria-label={words.stepThrough(charted.label)}
        aria-valuetext={tell((picked ?? all[last]!).point)}
        onInput={(event) => choose(Number(event.currentTarget.value))}
        onFocus={() => choose(chosen ?? last)}
        onBlur={() => choose(null)}
        onPointerMove={(event) => choose(nearest(all, event, x))}
        onPointerLeave={(event) => event.currentTarget.matches(":focus") || choose(null)}
      />
      <p class="quiet told">{picked && tell(picked.point)}</p>
    </div>
  );
}

/** The point whose place across is nearest to the pointer. */
function nearest(all: Placed[], event: PointerEvent, x: (t: number) => number): number {
  const box = (event.currentTarget as Element).getBoundingClientRect();
  const at = ((event.clientX - box.left) / (box.width || 1)) * WIDTH;
  const away = all.map((each) => Math.abs(x(each.t) - at));
  return away.indexOf(Math.min(...away));
}

/** Values of a device are diamonds, all others dots: a shape, not a colour alone. */
function Mark(props: { x: number; y: number; device: boolean; title: string }) {
  const { x, y } = props;
  return props.device ? (
    <path class="mark device" d={`M${x} ${y - 5}l5 5-5 5-5-5z`}>
      <title>{props.title}</title>
    </path>
  ) : (
    <circle class="mark" cx={x} cy={y} r="3">
      <title>{props.title}</title>
    </circle>
  );
}

function Band(props: { range: Range | null; y: (value: number) => number; low: number; high: number }) {
  const { range, y } = props;
  if (bounds(range).length === 0 || !range) return null;
  const top = y(range.high ? Number(range.high) : props.high);
  const bottom = y(range.low ? Number(range.low) : props.low);
  return <rect class="band" x={LEFT} y={top} width={WIDTH - LEFT - RIGHT} height={bottom - top} />;
}

/** Two thin lines, so that nobody takes what is usual for what is normal. */
function Usual(props: { range: Range | null; y: (value: number) => number }) {
  return bounds(props.range).map((value) => (
    <line class="usual" x1={LEFT} x2={WIDTH - RIGHT} y1={props.y(value)} y2={props.y(value)} />
  ));
}

function bounds(range: Range | null): number[] {
  if (!range) return [];
  return [range.low, range.high].filter(Boolean).map(Number).filter(Number.isFinite);
}

function summary(charted: Charted, all: Placed[], near: string): string {
  const numbers = all.map((each) => each.number);
  const last = all.at(-1);
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)].map(String);
  return words.chart(
    charted.label,
    all.length,
    low ?? "",
    measured(high ?? "", charted.unit),
    last ? said(last.point, charted.unit) : "",
    last ? clock(last.point.at, near) : "",
  );
}

/** All values of the series, newest first, each with where it came from. */
export function Values(props: { charted: Charted; near: string; sources: Source[] }) {
  const { charted, near, sources } = props;
  return (
    <details>
      <summary>
        {words.valuesAndSources}
        <span class="sr">{words.ofSeries(charted.label)}</span>
      </summary>
      <div class="scroll" role="region" aria-label={words.valuesOf(charted.label)} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{words.time}</th>
              <th scope="col" class="number">
                {words.value}
              </th>
              <th scope="col">{words.whereFrom}</th>
            </tr>
          </thead>
          <tbody>
            {[...charted.points].reverse().slice(0, LISTED).map((point) => (
              <tr key={point.observation + point.at}>
                <th scope="row">{clock(point.at, near)}</th>
                <td class="number">
                  {said(point, charted.unit)}
                  {point.flag && <span class="flag"> {point.flag}</span>}
                  <Marks marks={point.marks} status={point.status} />
                </td>
                <td>
                  <From source={sources[point.source]} near={near} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {charted.points.length > LISTED && (
        <p class="quiet">{words.olderNotListed(charted.points.length - LISTED)}</p>
      )}
    </details>
  );
}

/** Device, system and source message of one value. */
export function From(props: { source: Source | undefined; near: string }) {
  const { source, near } = props;
  const sent = source?.sent_at ? clock(source.sent_at, near) : "";
  return (
    <>
      {origin(source)}
      {source?.message && (
        <span class="quiet message">
          {words.message(source.message, sent)}
        </span>
      )}
    </>
  );
}
