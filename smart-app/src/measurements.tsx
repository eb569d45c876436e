/** Vital signs and laboratory results as small charts on one time axis; the rest as a table. */

import { useState } from "preact/hooks";
import { ago, byDevice, clock, said } from "./words";
import { named, words } from "./language";
import { From, Lines, Values } from "./chart";
import { AtHome, Marks, noValue, together } from "./home";
import type { Baseline } from "./api";
import type { Domain } from "./scale";
import type { Finding, Point, Series, Summary } from "./model";

const HOUR_MS = 3_600_000;

const SPANS = [
  { name: "6 h", ms: 6 * HOUR_MS },
  { name: "24 h", ms: 24 * HOUR_MS },
  { name: "72 h", ms: 72 * HOUR_MS },
  { name: "", ms: Infinity },
];

const GROUPS = ["vital-signs", "laboratory", "other"] as const;

/** The part of the series whose newest value has to be in sight at first. */
const IN_SIGHT = 0.75;

/** Series of the hospital, if there are any: those of the patient's devices have a table above. */
export function here(summary: Summary): Series[] {
  const found = summary.series.filter(
    (row) => !byDevice(summary.sources[row.points.at(-1)?.source ?? -1]),
  );
  return found.length > 0 ? found : summary.series;
}

/** The shortest time that holds most series' newest values; the others say how old theirs are. */
export function firstSpan(series: Series[], now: number): number {
  const newest = series.flatMap((row) => row.points.slice(-1)).map((point) => Date.parse(point.at));
  const ages = newest.filter(Number.isFinite).map((at) => now - at);
  const wanted = ages.sort((one, other) => one - other)[Math.ceil(ages.length * IN_SIGHT) - 1] ?? 0;
  const found = SPANS.findIndex((each) => wanted <= each.ms);
  return found < 0 ? SPANS.length - 1 : found;
}

/** The time that all charts share. */
export function shared(series: Series[], now: number, ms: number): Domain {
  if (Number.isFinite(ms)) return { from: now - ms, to: now };
  const all = series.flatMap((row) => row.points).map((point) => Date.parse(point.at));
  return { from: Math.min(...all.filter(Number.isFinite), now - HOUR_MS), to: now };
}

export function Measurements(props: {
  summary: Summary;
  elapsed: number;
  baselines?: Baseline[];
}) {
  const { summary, elapsed } = props;
  const now = Date.parse(summary.shown_at);
  const [chosen, choose] = useState(() => firstSpan(here(summary), now));
  const span = SPANS[chosen] ?? SPANS[SPANS.length - 1]!;
  const time = shared(summary.series, now, span.ms);
  return (
    <>
      <AtHome summary={summary} elapsed={elapsed} />
      <div class="spans" role="group" aria-label={words.timeShown}>
        {SPANS.map((each, index) => (
          <button
            key={each.name}
            type="button"
            aria-pressed={index === chosen}
            onClick={() => choose(index)}
          >
            {each.name || words.all}
          </button>
        ))}
      </div>
      {GROUPS.map((group) => {
        const rows = summary.series.filter((row) => row.category === group);
        if (rows.length === 0) return null;
        return (
          <section key={group} aria-labelledby={`group-${group}`}>
            <h2 id={`group-${group}`}>{words.groups[group]}</h2>
            <div class="charts">
              {rows.map((row) => (
                <Row
                  key={row.name + row.unit}
                  {...{ row, time, summary, elapsed }}
                  usual={props.baselines?.find(
                    (each) => each.name === row.name && each.unit === row.unit,
                  )}
                />
              ))}
            </div>
          </section>
        );
      })}
      {summary.series.length === 0 && <p>{words.noMeasurements}</p>}
      <Findings summary={summary} elapsed={elapsed} />
    </>
  );
}

function Row(props: {
  row: Series;
  time: Domain;
  summary: Summary;
  elapsed: number;
  usual: Baseline | undefined;
}) {
  const { row, time, summary } = props;
  const newest = row.points.at(-1);
  const points = row.points.filter((point) => inside(point, time));
  const usually = (row.category === "vital-signs" ? 1 : 24) * HOUR_MS;
  const usual = props.usual;
  const charted = {
    label: named(row),
    unit: row.unit,
    range: row.range,
    usual: usual ? { low: usual.low, high: usual.high, text: "" } : null,
    points,
    together: together(points.length, usually),
  };
  return (
    <figure class="card chart">
      <figcaption>
        <span class="name">{named(row)}</span>
        {newest && (
          <span class="newest">
            <strong>{said(newest, row.unit)}</strong>{" "}
            <span class="quiet">{age(newest, props.elapsed)}</span>
          </span>
        )}
        {usual && <span class="quiet">{words.usual(usual.low, usual.high)}</span>}
      </figcaption>
      <Lines charted={charted} time={time} near={summary.shown_at} sources={summary.sources} />
      <Values
        charted={{ ...charted, points: row.points }}
        near={summary.shown_at}
        sources={summary.sources}
      />
    </figure>
  );
}

function inside(point: Point, time: Domain): boolean {
  const at = Date.parse(point.at);
  return at >= time.from && at <= time.to;
}

function age(point: Point, elapsed: number): string {
  return point.age_s === null ? point.at : ago(point.age_s + elapsed);
}

function Findings(props: { summary: Summary; elapsed: number }) {
  const { summary } = props;
  if (summary.findings.length === 0) return null;
  return (
    <section aria-labelledby="findings">
      <h2 id="findings">{words.withoutChart}</h2>
      <div class="card scroll" role="region" aria-label={words.tableOfThese} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{words.what}</th>
              <th scope="col">{words.newestValue}</th>
              <th scope="col">{words.time}</th>
              <th scope="col">{words.whereFrom}</th>
            </tr>
          </thead>
          <tbody>
            {summary.findings.map((each: Finding) => (
              <tr key={each.name}>
                <th scope="row">{named(each)}</th>
                <td>
                  {each.absent ? noValue(each.absent) : each.value}
                  {each.marks.length > 0 && " "}
                  <Marks marks={each.marks} />
                </td>
                <td>
                  {clock(each.at, summary.shown_at)}
                  {each.age_s !== null && (
                    <span class="quiet"> {ago(each.age_s + props.elapsed)}</span>
                  )}
                </td>
                <td>
                  <From source={summary.sources[each.source]} near={summary.shown_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
