/** Who uses the app and about whom decides what is shown: one patient, or a worklist. */

import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { Alerts } from "./alerts";
import { App } from "./app";
import { host, type About, type Alert, type Api, type Baseline, type Card, type Choice, type Deed, type Happening } from "./api";
import { Done } from "./done";
import type { Extras } from "./extras";
import { words } from "./language";
import { wear, type Style } from "./style";
import { Worklist } from "./worklist";
import type { Summary } from "./model";

const AGAIN_MS = 60_000;

export function Root() {
  const [about, setAbout] = useState<About | null>(null);
  const [failed, setFailed] = useState<number | null>(null);
  const api = useMemo(() => host(about?.csrf ?? ""), [about]);
  useEffect(() => {
    void host("")
      .get<About>("session")
      .then((told) => (told.ok ? setAbout(told.value) : setFailed(told.status)));
  }, []);
  useEffect(() => {
    if (!about) return;
    // without it the page has its own look
    void api.get<{ style: Style }>("style").then((told) => told.ok && wear(told.value.style));
  }, [about, api]);
  if (about?.patient_id === null) return <Worklist api={api} />;
  if (about) return <Patient api={api} about={about} />;
  if (failed === 401) return <App closed="ended" />;
  if (failed !== null) return <App />;
  return (
    <main class="notice">
      <div role="status">
        <h1>{words.loading}</h1>
      </div>
    </main>
  );
}

interface Beside {
  alerts: Alert[];
  cards: Card[];
  deeds: Deed[];
  orders: Choice[];
  baselines: Baseline[];
  events: Happening[];
  limits: Record<string, string[]>;
}

const NOTHING: Beside = {
  alerts: [], cards: [], deeds: [], orders: [], baselines: [], events: [], limits: {},
};

/** The patient's page with what people did and can do; each part may fail by itself. */
function Patient(props: { api: Api; about: About }) {
  const { api, about } = props;
  const [beside, setBeside] = useState<Beside>(NOTHING);
  const [lacking, setLacking] = useState<string[]>([]);
  const load = useCallback(async () => {
    const [found, names] = await read(api, about);
    setBeside(found);
    setLacking(names);
  }, [api, about]);
  useEffect(() => {
    void load();
    const asking = setInterval(() => document.hidden || void load(), AGAIN_MS);
    return () => clearInterval(asking);
  }, [load]);
  const extras: Extras = {
    baselines: beside.baselines,
    events: beside.events,
    limits: beside.limits,
    card: (model) => api.get(`models/${model}/card`),
    above: (summary: Summary) => (
      <>
        {lacking.length > 0 && <p class="warn">{words.notReadParts(lacking.join(", "))}</p>}
        <Alerts
          api={api}
          patient={summary.patient}
          near={summary.shown_at}
          again={() => void load()}
          alerts={beside.alerts}
          scores={summary.scores}
          orders={beside.orders}
        />
      </>
    ),
    below: (summary: Summary) => (
      <Done cards={beside.cards} deeds={beside.deeds} near={summary.shown_at} />
    ),
  };
  return <App extras={extras} />;
}

/** All that stands beside the summary, and the names of what could not be read. */
export async function read(api: Api, about: About): Promise<[Beside, string[]]> {
  const [alerts, cards, deeds, orders, series, trend, models] = await Promise.all([
    api.get<{ patient_id: string; alerts: Alert[] }>("alerts"),
    api.get<{ patient_id: string; cards: Card[] }>("cards"),
    api.get<{ patient_id: string; deeds: Deed[] }>("audit"),
    about.may.order ? api.get<{ orders: Choice[] }>("orders") : null,
    api.get<{ patient_id: string; baselines: Baseline[] }>("series?hours=6"),
    api.get<{ patient_id: string; events: Happening[] }>("trend"),
    api.get<{ models: { id: string; out_of_scope?: string[] }[] }>("models"),
  ]);
  const parts = { alerts, cards, audit: deeds, orders, series, trend, models };
  const lacking = Object.entries(parts).flatMap(([name, told]) =>
    told === null || (told.ok && mine(told.value, about)) ? [] : [words.parts[name] ?? name],
  );
  const of = <T,>(told: { ok: true; value: T } | { ok: false } | null): T | null =>
    told?.ok && mine(told.value, about) ? told.value : null;
  const found = {
    alerts: of(alerts)?.alerts ?? [],
    cards: of(cards)?.cards ?? [],
    deeds: of(deeds)?.deeds ?? [],
    orders: of(orders)?.orders ?? [],
    baselines: of(series)?.baselines ?? [],
    events: of(trend)?.events ?? [],
    limits: Object.fromEntries(
      (of(models)?.models ?? []).map((each) => [each.id, each.out_of_scope ?? []]),
    ),
  };
  return [found, lacking];
}

/** An answer about another patient is no answer. */
function mine(value: unknown, about: About): boolean {
  const id = (value as { patient_id?: string }).patient_id;
  return id === undefined || id === about.patient_id;
}
