/** The whole page: it asks, shows, asks again every minute, and stops showing when it must. */

import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Banner } from "./banner";
import { words } from "./language";
import type { Extras } from "./extras";
import { load, type Loaded } from "./load";
import { Measurements } from "./measurements";
import { ScoreCard } from "./scores";
import { clock, span, zone } from "./words";
import { unfoldForPrint } from "./printing";
import type { Summary } from "./model";

const REFRESH_MS = 60_000;
const TICK_MS = 15_000;

export function App(props: { ask?: typeof load; extras?: Extras; closed?: "ended" }) {
  const ask = props.ask ?? load;
  const [summary, setSummary] = useState<Summary | null>(null);
  const [outcome, setOutcome] = useState<Loaded["kind"] | "loading">(props.closed ?? "loading");
  const [received, setReceived] = useState(0);
  const [now, setNow] = useState(() => Date.now());
  const patient = useRef<string | null>(null);
  const busy = useRef(false);

  const refresh = useCallback(async () => {
    if (busy.current) return;
    busy.current = true;
    const loaded = await ask(patient.current);
    busy.current = false;
    setNow(Date.now());
    setOutcome(loaded.kind);
    if (loaded.kind === "summary") {
      patient.current = loaded.summary.patient_id;
      setReceived(Date.now());
      setSummary(loaded.summary);
    } else if (loaded.kind !== "failed") {
      setSummary(null);
    }
  }, [ask]);

  const closed = outcome === "ended" || outcome === "other-patient";
  useEffect(() => {
    if (closed) return;
    void refresh();
    const asking = setInterval(() => document.hidden || void refresh(), REFRESH_MS);
    const ticking = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => {
      clearInterval(asking);
      clearInterval(ticking);
    };
  }, [refresh, closed]);

  useEffect(unfoldForPrint, []);

  if (closed) return <Notice {...words.closed[outcome]} />;
  if (!summary) {
    if (outcome === "loading") return <Notice title={words.loading} text="" />;
    return (
      <Notice {...words.notRead}>
        <button type="button" onClick={() => void refresh()}>
          {words.tryAgain}
        </button>
      </Notice>
    );
  }
  const elapsed = Math.max(0, Math.floor((now - received) / 1000));
  return (
    <Page
      summary={summary}
      elapsed={elapsed}
      failed={outcome === "failed"}
      again={refresh}
      extras={props.extras ?? ALONE}
    />
  );
}

const ALONE: Extras = { baselines: [], events: [], limits: {}, above: () => null, below: () => null };

function Notice(props: { title: string; text: string; children?: ComponentChildren }) {
  return (
    <main class="notice">
      <div role="status">
        <h1>{props.title}</h1>
        {props.text && <p>{props.text}</p>}
      </div>
      {props.children}
    </main>
  );
}

export function Page(props: {
  summary: Summary;
  elapsed: number;
  failed: boolean;
  again: () => Promise<void>;
  extras?: Extras;
}) {
  const { summary, elapsed } = props;
  const extras = props.extras ?? ALONE;
  const main = Math.max(
    summary.scores.findIndex((each) => each.scored),
    0,
  );
  const ordered = [...summary.scores].sort((one, other) => Number(other.scored) - Number(one.scored));
  return (
    <>
      <Banner patient={summary.patient} />
      <main>
        <div class="fresh">
          <p role="status">
            {props.failed
              ? words.notRefreshed(clock(summary.shown_at, summary.shown_at), span(elapsed))
              : words.asOf(clock(summary.shown_at, summary.shown_at))}
          </p>
          <span class="buttons">
            <button type="button" onClick={() => void props.again()}>
              {words.refresh}
            </button>
            <button type="button" onClick={() => window.print()}>
              {words.print}
            </button>
          </span>
        </div>
        {summary.problems.length > 0 && (
          <section class="card problems" aria-labelledby="problems">
            <h2 id="problems">{words.notComplete}</h2>
            <ul class="plain">
              {summary.problems.map((each) => (
                <li key={each.part + each.text}>
                  <strong>{upper(each.part)}</strong>: {each.text}.
                </li>
              ))}
            </ul>
          </section>
        )}
        <div class="scores">
          {ordered.map((score) => (
            <ScoreCard
              key={score.model}
              score={score}
              main={score === summary.scores[main]}
              summary={summary}
              elapsed={elapsed}
              limits={extras.limits[score.model] ?? []}
              card={extras.card}
            />
          ))}
          {summary.scores.length === 0 && (
            <section class="card">
              <h2>{words.noScore}</h2>
              <p>{words.nothingComputed}</p>
            </section>
          )}
        </div>
        {extras.above(summary)}
        <Events events={extras.events} near={summary.shown_at} />
        <Measurements summary={summary} elapsed={elapsed} baselines={extras.baselines} />
        {extras.below(summary)}
      </main>
      <footer>
        <p>
          {words.opened(
            clock(summary.launched_at, summary.shown_at),
            clock(summary.expires_at, summary.shown_at),
          )}{" "}
          {words.timesIn(zone())} <span aria-hidden="true">◇</span> {words.deviceMark} {words.support}
        </p>
      </footer>
    </>
  );
}

function Events(props: { events: Extras["events"]; near: string }) {
  const { events, near } = props;
  if (events.length === 0) return null;
  return (
    <section aria-labelledby="events">
      <h2 id="events">{words.events}</h2>
      <ol class="events">
        {[...events].reverse().map((each) => (
          <li key={each.at + each.text}>
            <span class="quiet">{clock(each.at, near)}</span> {each.text}
          </li>
        ))}
      </ol>
    </section>
  );
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
