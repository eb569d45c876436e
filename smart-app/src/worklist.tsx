/** The clinician's patients by risk and change; opens one, and keeps itself up to date. */

import { useCallback, useEffect, useState } from "preact/hooks";
import { words } from "./language";
import { clock, percent, tier } from "./words";
import type { Api, Listed } from "./api";

interface List {
  shown_at: string;
  patients: Listed[];
  problems: { part: string; text: string }[];
}

const TIERS = ["high", "medium", "low-medium", "low"];
const CHANGES = ["up", "new", "same", "down"] as const;

export function Worklist(props: {
  api: Api;
  go?: (address: string) => void;
  listen?: (changed: () => void) => () => void;
}) {
  const { api } = props;
  const go = props.go ?? ((address) => location.assign(address));
  const listen = props.listen ?? streamed;
  const [list, setList] = useState<List | null>(null);
  const [failed, setFailed] = useState("");
  const [filters, setFilters] = useState({ tier: "", change: "", unit: "", by: "risk" });
  const query = new URLSearchParams(Object.entries(filters).filter(([, value]) => value)).toString();
  const load = useCallback(async () => {
    const answer = await api.get<List>(`worklist?${query}`);
    if (answer.ok) setList(answer.value);
    setFailed(answer.ok ? "" : answer.status === 401 ? words.closed.ended.text : words.notRefreshedList);
  }, [api, query]);
  useEffect(() => {
    void load();
    return listen(() => void load());
  }, [load, listen]);
  const open = async (patient: string) => {
    const answer = await api.post<{ address: string }>("worklist/open", { patient });
    if (answer.ok) go(answer.value.address);
    else setFailed(answer.text || words.notAnswered);
  };
  const choose = (name: string, value: string) => setFilters({ ...filters, [name]: value });
  return (
    <main>
      <h1 class="title">{words.worklist}</h1>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <Pick name={words.tier} value={filters.tier} set={(value) => choose("tier", value)}>
          {TIERS.map((each) => [each, tier(each).text])}
        </Pick>
        <Pick name={words.change} value={filters.change} set={(value) => choose("change", value)}>
          {CHANGES.map((each) => [each, words.changes[each]])}
        </Pick>
        <label>
          {words.place}
          <input value={filters.unit} onChange={(event) => choose("unit", event.currentTarget.value)} />
        </label>
        <label>
          {words.order}
          <select value={filters.by} onChange={(event) => choose("by", event.currentTarget.value)}>
            <option value="risk">{words.byRisk}</option>
            <option value="change">{words.byChange}</option>
          </select>
        </label>
      </form>
      <p role="status">
        {failed || (list ? words.patientsAsOf(list.patients.length, clock(list.shown_at, list.shown_at)) : words.loading)}
      </p>
      {list && list.problems.length > 0 && (
        <ul class="plain">
          {list.problems.map((each) => (
            <li key={each.part}>
              {each.part}: {each.text}.
            </li>
          ))}
        </ul>
      )}
      {list && (
        <div class="card scroll" role="region" aria-label={words.worklist} tabIndex={0}>
          <table>
            <thead>
              <tr>
                {[words.patient, words.scoreNow, words.change, words.place, words.time].map((each) => (
                  <th key={each} scope="col">
                    {each}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {list.patients.map((each) => (
                <Row key={each.patient_id} each={each} near={list.shown_at} open={open} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <footer>
        <p>
          {words.listMeans} {words.support}
        </p>
      </footer>
    </main>
  );
}

function Pick(props: {
  name: string;
  value: string;
  set: (value: string) => void;
  children: string[][];
}) {
  return (
    <label>
      {props.name}
      <select value={props.value} onChange={(event) => props.set(event.currentTarget.value)}>
        <option value="">{words.all}</option>
        {props.children.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function Row(props: { each: Listed; near: string; open: (patient: string) => Promise<void> }) {
  const { each, near } = props;
  const gravest = each.scores[0];
  return (
    <tr>
      <th scope="row" class="person">
        <button type="button" onClick={() => void props.open(each.patient_id)}>
          {each.name}
        </button>
        <span class="quiet message">
          {words.born} {each.born} ({each.age}) · {each.identifier}
        </span>
      </th>
      <td>
        {each.scores.map((score) => {
          const shown = tier(score.tier);
          return (
            <span key={score.model} class="message">
              <span class={`tier ${shown.style}`}>
                <span aria-hidden="true">{shown.shape}</span> {shown.text}
              </span>{" "}
              {words.models[score.model] ?? score.model}{" "}
              <strong>{score.probability ? percent(score.probability) : score.score}</strong>
            </span>
          );
        })}
      </td>
      <td>{gravest && words.changes[gravest.change]}</td>
      <td>{each.place || words.notKnown}</td>
      <td>{gravest && clock(gravest.at, near)}</td>
    </tr>
  );
}

/** Server-sent events say that the list changed; they hold no patient. */
function streamed(changed: () => void): () => void {
  const source = new EventSource("api/worklist/events");
  source.addEventListener("worklist", changed);
  return () => source.close();
}
