/** A model's card, read when somebody opens it: what it is for, its limits, its figures. */

import { useState } from "preact/hooks";
import { words } from "./language";
import type { Told } from "./api";

/** openapi/risk.yaml, Card, as far as it is shown; its texts are in English. */
export interface ModelCard {
  definition: string;
  intended_users: string;
  setting: string;
  out_of_scope: string[];
  limits: string[];
  citation: string;
  figures: {
    name: string;
    n: number | null;
    events: number | null;
    figures: { name: string; value: number | null; interval: number[] | null }[];
  }[];
  source_attributes: { number: number; name: string; text: string }[];
}

export type ReadCard = (model: string) => Promise<Told<{ card: ModelCard }>>;

const SHOWN = ["auroc", "auprc", "slope", "o_e", "ece"];

export function CardOf(props: { model: string; title: string; read: ReadCard }) {
  const [told, setTold] = useState<Told<{ card: ModelCard }> | null>(null);
  const open = (event: { currentTarget: HTMLDetailsElement }) => {
    if (event.currentTarget.open && !told?.ok) void props.read(props.model).then(setTold);
  };
  return (
    <details onToggle={open}>
      <summary>
        {words.modelCard}
        <span class="sr">: {props.title}</span>
      </summary>
      {told === null && <p class="quiet">{words.loading}</p>}
      {told?.ok === false && <p class="warn">{words.notReadParts(words.modelCard)}</p>}
      {told?.ok && <Whole card={told.value.card} />}
    </details>
  );
}

function Whole(props: { card: ModelCard }) {
  const { card } = props;
  const texts = [card.definition, card.intended_users, card.setting].filter(Boolean);
  return (
    <div lang="en" class="model-card">
      {texts.map((text) => (
        <p key={text}>{text}</p>
      ))}
      <ul class="plain">
        {[...card.limits, ...card.out_of_scope].map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      {card.figures.map((part) => (
        <p key={part.name}>
          <strong>{part.name}</strong> ({part.n ?? "–"}, {part.events ?? "–"}):{" "}
          {part.figures.filter((each) => SHOWN.includes(each.name)).map(figure).join("; ")}
        </p>
      ))}
      <dl>
        {card.source_attributes.map((each) => (
          <div key={each.number}>
            <dt>{each.name}</dt>
            <dd>{each.text}</dd>
          </div>
        ))}
      </dl>
      <p class="quiet">{card.citation}</p>
    </div>
  );
}

function figure(each: { name: string; value: number | null; interval: number[] | null }): string {
  const value = each.value === null ? "–" : each.value.toFixed(3);
  const [low, high] = each.interval ?? [];
  const between = low === undefined || high === undefined ? "" : ` (${low.toFixed(3)}–${high.toFixed(3)})`;
  return `${each.name.toUpperCase().replace("_", "/")} ${value}${between}`;
}
