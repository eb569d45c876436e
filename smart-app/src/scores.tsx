/** Scores become cards: the number, what it is about, what to do, and why. */

import { about, ago, clock, frequency, held, lacking, origin, percent, signed, tier } from "./words";
import { CardOf, type ReadCard } from "./card";
import { named, words } from "./language";
import { Lines, Values } from "./chart";
import type { Assessment, Contribution, Point, Score, Source, Summary } from "./model";

const SHOWN = 8;
const DAY_MS = 86_400_000;

/** The observations of the page by reference, to say of each bar where it came from. */
export type Known = Map<string, Source | undefined>;

export function known(summary: Summary): Known {
  const points: Point[] = [...summary.series.flatMap((row) => row.points), ...summary.findings];
  return new Map(points.map((point) => [point.observation, summary.sources[point.source]]));
}

export function ScoreCard(props: {
  score: Score;
  main: boolean;
  summary: Summary;
  elapsed: number;
  limits?: string[];
  card?: ReadCard | undefined;
}) {
  const { score, summary } = props;
  const id = `score-${score.model}`;
  return (
    <section class={props.main ? "card score main" : "card score"} aria-labelledby={id}>
      <h2 id={id}>{score.title}</h2>
      {score.scored ? <Result score={score} /> : <Refused score={score} />}
      {score.scored && (
        <Why score={score} known={known(summary)} elapsed={props.elapsed} />
      )}
      <Lacking score={score} />
      <Course score={score} summary={summary} />
      {props.limits && props.limits.length > 0 && (
        <details>
          <summary>
            {words.limits}
            <span class="sr">: {score.title}</span>
          </summary>
          <ul class="plain">
            {props.limits.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </details>
      )}
      {props.card && <CardOf model={score.model} title={score.title} read={props.card} />}
      <p class="quiet">
        {score.intended_use}{" "}
        {words.computed(score.version, score.at ? clock(score.at, summary.shown_at) : "")}
      </p>
    </section>
  );
}

function Result(props: { score: Score }) {
  const { score } = props;
  const shown = tier(score.tier);
  return (
    <>
      <p class="result">
        <span class="big">{score.probability ? percent(score.probability) : (score.score ?? "–")}</span>
        <span class={`tier ${shown.style}`}>
          <span aria-hidden="true">{shown.shape}</span> {shown.text}
        </span>
      </p>
      <p>
        {about(score)}
        {score.probability && <span class="quiet"> · {frequency(score.probability)}</span>}
      </p>
      {score.response && <p class="response">{score.response}.</p>}
      {score.partial && !score.probability && (
        <p class="warn">
          {words.between(score.score, score.at_most)}
        </p>
      )}
    </>
  );
}

function Refused(props: { score: Score }) {
  return (
    <p class="warn">
      {words.refused(props.score.refusal || words.notEnough)}
    </p>
  );
}

/** Bars to the right raise the score, bars to the left lower it; each says so in words too. */
export function Why(props: { score: Score; known: Known; elapsed: number }) {
  const { score, known, elapsed } = props;
  const moving = score.contributions.filter((each) => Number(each.weight) !== 0);
  const still = score.contributions.filter((each) => Number(each.weight) === 0);
  const largest = Math.max(...moving.map((each) => Math.abs(Number(each.weight))), 0);
  const both = moving.some((each) => Number(each.weight) < 0);
  const bar = (each: Contribution) => (
    <Bar key={each.name} each={each} largest={largest} both={both} known={known} elapsed={elapsed} />
  );
  return (
    <>
      <h3>{words.why}</h3>
      {moving.length === 0 && <p>{words.nothingAdds}</p>}
      <ul class="bars">{moving.slice(0, SHOWN).map(bar)}</ul>
      {moving.length > SHOWN && (
        <details>
          <summary>{words.more(moving.length - SHOWN)}</summary>
          <ul class="bars">{moving.slice(SHOWN).map(bar)}</ul>
        </details>
      )}
      {score.probability && moving.length > 0 && (
        <p class="quiet">{words.logOdds}</p>
      )}
      {still.length > 0 && (
        <p class="quiet">
          {words.withoutEffect(still.map((each) => `${named(each)} ${held(each)}`).join(", "))}
        </p>
      )}
    </>
  );
}

function Bar(props: {
  each: Contribution;
  largest: number;
  both: boolean;
  known: Known;
  elapsed: number;
}) {
  const { each, largest, both } = props;
  const weight = Number(each.weight);
  const middle = both ? 50 : 0;
  const length = largest ? (Math.abs(weight) / largest) * (both ? 50 : 100) : 0;
  const source = props.known.get(each.observation);
  const details = [
    each.age_s === null ? "" : ago(each.age_s + props.elapsed),
    each.observation ? origin(source) : "",
  ];
  return (
    <li>
      <span class="what">
        {named(each)} <strong>{held(each)}</strong>
      </span>
      <span class="weight">
        {signed(each.weight)}
        <span class="sr">{`, ${weight > 0 ? words.raises : words.lowers}`}</span>
      </span>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" x="0" y="0" width="100" height="6" />
        <rect
          class={weight > 0 ? "raises" : "lowers"}
          x={weight > 0 ? middle : middle - length}
          y="0"
          width={length}
          height="6"
        />
        {both && <line class="zero" x1="50" x2="50" y1="0" y2="6" />}
      </svg>
      <span class="quiet">{details.filter(Boolean).join(" · ")}</span>
    </li>
  );
}

function Lacking(props: { score: Score }) {
  const { missing } = props.score;
  if (missing.length === 0) return null;
  return (
    <>
      <h3>{words.missing}</h3>
      <ul class="plain">
        {missing.map((each) => (
          <li key={each.name}>{lacking(each)}</li>
        ))}
      </ul>
    </>
  );
}

/** The stored scores of this model as a chart. */
function Course(props: { score: Score; summary: Summary }) {
  const { score, summary } = props;
  const points = course(summary.trend.filter((each) => each.model === score.model));
  const first = points[0];
  if (points.length < 2 || !first) return null;
  const unit = score.probability === null ? "" : "%";
  const charted = { label: score.title, unit, range: null, points, together: DAY_MS };
  const time = { from: Date.parse(first.at), to: Date.parse(summary.shown_at) };
  return (
    <>
      <h3>{words.course}</h3>
      <Lines charted={charted} time={time} near={summary.shown_at} sources={stored()} />
      <Values charted={charted} near={summary.shown_at} sources={stored()} />
    </>
  );
}

const stored = (): Source[] => [
  { system: words.storedScore, device: "", message: "", sent_at: "", received_at: "" },
];

/** Stored scores as points; a probability is shown in percent. */
export function course(assessments: Assessment[]): Point[] {
  return assessments.flatMap((each) => {
    const share = each.probability === null ? null : Number(each.probability) * 100;
    const value = share === null ? each.score : share.toFixed(0);
    if (value === null) return [];
    return [
      {
        at: each.at,
        age_s: null,
        value,
        comparator: "",
        status: each.status,
        flag: tier(each.tier).text,
        marks: [],
        observation: each.id,
        source: 0,
      },
    ];
  });
}
