/** Rises of a score as alerts, and what a person can do about them. Nothing happens by itself. */

import { useEffect, useRef, useState } from "preact/hooks";
import { clicked, type Alert, type Api, type Choice, type Told } from "./api";
import { Ask } from "./dialog";
import { words } from "./language";
import { clock, percent, tier } from "./words";
import type { Patient, Score } from "./model";

const MINUTES = [30, 60, 120, 240, 480];

interface Around {
  api: Api;
  patient: Patient | null;
  near: string;
  again: () => void;
}

type Wish =
  | { kind: "acknowledge" | "snooze"; alert: Alert }
  | { kind: "note" }
  | { kind: "order"; choice: Choice };

export function Alerts(
  props: Around & { alerts: Alert[]; scores: Score[]; orders: Choice[] },
) {
  const [wish, setWish] = useState<Wish | null>(null);
  const [told, setTold] = useState({ text: "" });
  const line = useRef<HTMLParagraphElement>(null);
  // the button that was pressed may be gone once something is done
  useEffect(() => {
    if (told.text) line.current?.focus();
  }, [told]);
  const close = (said = "") => {
    setWish(null);
    if (said) {
      setTold({ text: said });
      props.again();
    }
  };
  return (
    <section class="card" aria-labelledby="alerts">
      <h2 id="alerts">{words.alerts}</h2>
      {props.alerts.length === 0 && <p>{words.noAlerts}</p>}
      <ul class="alerts">
        {props.alerts.map((alert) => (
          <One key={alert.id} alert={alert} {...props} wish={setWish} />
        ))}
      </ul>
      <p class="buttons no-print">
        <button type="button" onClick={() => setWish({ kind: "note" })}>
          {words.addNote}
        </button>
        {props.orders.map((choice) => (
          <button
            key={choice.order}
            type="button"
            onClick={() => setWish({ kind: "order", choice })}
          >
            {words.propose(choice.text)}
          </button>
        ))}
      </p>
      <p role="status" class="quiet" tabIndex={-1} ref={line}>
        {told.text}
      </p>
      {wish && <Asked {...props} wish={wish} close={close} />}
    </section>
  );
}

function One(props: {
  alert: Alert;
  scores: Score[];
  near: string;
  wish: (wish: Wish) => void;
}) {
  const { alert, near } = props;
  const shown = tier(alert.tier);
  const title = props.scores.find((each) => each.model === alert.model)?.title ?? alert.model;
  const deed = alert.state === "snoozed" ? alert.snoozed : alert.acknowledged;
  return (
    <li>
      <span>
        <span class={`tier ${shown.style}`}>
          <span aria-hidden="true">{shown.shape}</span> {shown.text}
        </span>{" "}
        {title} <strong>{alert.probability ? percent(alert.probability) : alert.score}</strong>{" "}
        <span class="quiet">{clock(alert.at, near)}</span>
      </span>
      {deed && (
        <span class="quiet">
          {alert.state === "snoozed" && deed.until
            ? words.restsUntil(clock(deed.until, near), deed.person)
            : words.seenBy(deed.person, clock(deed.at, near))}
          {deed.reason && `: ${deed.reason}`}
        </span>
      )}
      <span class="buttons no-print">
        {alert.state === "open" && (
          <button type="button" onClick={() => props.wish({ kind: "acknowledge", alert })}>
            {words.acknowledge}
            <span class="sr">: {title}</span>
          </button>
        )}
        {alert.state !== "snoozed" && (
          <button type="button" onClick={() => props.wish({ kind: "snooze", alert })}>
            {words.snooze}
            <span class="sr">: {title}</span>
          </button>
        )}
      </span>
    </li>
  );
}

function Asked(props: Around & { wish: Wish; close: (said?: string) => void }) {
  const { wish, api, close } = props;
  const [key] = useState(clicked);
  const [text, setText] = useState("");
  const [minutes, setMinutes] = useState(60);
  const common = { patient: props.patient, onClose: () => close() };
  if (wish.kind === "order") {
    return <Proposed {...common} api={api} choice={wish.choice} orderKey={key} close={close} />;
  }
  const send = async (): Promise<string> => {
    if (wish.kind === "note") {
      return ended(await api.post("notes", { key, note: text }), words.noted, close);
    }
    const at = `alerts/${wish.alert.id}`;
    if (wish.kind === "acknowledge") {
      const body = text ? { key, reason: text } : { key };
      return ended(await api.post(`${at}/acknowledge`, body), words.acknowledged, close);
    }
    const answer = await api.post<{ cards_held_back: boolean }>(`${at}/snooze`, {
      key,
      minutes,
      reason: text,
    });
    const held = answer.ok && answer.value.cards_held_back;
    return ended(answer, held ? words.snoozedCards : words.snoozedHere, close);
  };
  return (
    <Ask {...common} title={words.asks[wish.kind]} confirm={words.confirms[wish.kind]} onConfirm={send}>
      {wish.kind === "snooze" && (
        <label>
          {words.howLong}
          <select
            value={minutes}
            onChange={(event) => setMinutes(Number(event.currentTarget.value))}
          >
            {MINUTES.map((each) => (
              <option key={each} value={each}>
                {words.minutesLong(each)}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        {wish.kind === "note" ? words.note : words.reason}
        <textarea
          rows={3}
          maxLength={wish.kind === "note" ? 2000 : 255}
          required={wish.kind !== "acknowledge"}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      {wish.kind === "note" && <p class="quiet">{words.noteStays}</p>}
      {wish.kind === "snooze" && <p class="quiet">{words.snoozeMeans}</p>}
    </Ask>
  );
}

/** An order is shown as it would be written before it can be confirmed. */
function Proposed(props: {
  api: Api;
  patient: Patient | null;
  choice: Choice;
  orderKey: string;
  onClose: () => void;
  close: (said?: string) => void;
}) {
  const { api, choice, orderKey: key } = props;
  const [seen, setSeen] = useState<Told<{ confirm: string }> | null>(null);
  useEffect(() => {
    void api.post<{ confirm: string }>("orders/preview", { key, order: choice.order }).then(setSeen);
  }, [api, key, choice]);
  const send = async (): Promise<string> => {
    if (!seen?.ok) return seen ? failure(seen) : words.loading;
    const { confirm } = seen.value;
    const answer = await api.post("orders", { key, order: choice.order, confirm });
    return ended(answer, words.ordered, props.close);
  };
  return (
    <Ask
      title={words.asks.order}
      patient={props.patient}
      confirm={words.writeDraft}
      ready={seen?.ok === true}
      onConfirm={send}
      onClose={props.onClose}
    >
      <p>
        <strong>{choice.text}</strong>
      </p>
      <p class="quiet">{words.orderMeans}</p>
      {seen && !seen.ok && (
        <p class="warn" role="alert">
          {failure(seen)}
        </p>
      )}
    </Ask>
  );
}

function ended(answer: Told<unknown>, said: string, close: (said: string) => void): string {
  if (!answer.ok) return failure(answer);
  close(said);
  return "";
}

function failure(answer: { status: number; text: string }): string {
  if (answer.status === 504) return words.uncertain;
  return answer.text ? words.notDone(answer.text) : words.notAnswered;
}
