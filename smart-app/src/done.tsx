/** What cards were shown or held back about the patient, and what people did in the app. */

import { words } from "./language";
import { clock } from "./words";
import type { Card, Deed } from "./api";

export function Done(props: { cards: Card[]; deeds: Deed[]; near: string }) {
  const { cards, deeds, near } = props;
  if (cards.length + deeds.length === 0) return null;
  return (
    <section aria-labelledby="done">
      <h2 id="done">{words.shownAndDone}</h2>
      <details>
        <summary>{words.cardsAndDeeds(cards.length, deeds.length)}</summary>
        <div class="card scroll" role="region" aria-label={words.shownAndDone} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{words.time}</th>
                <th scope="col">{words.what}</th>
                <th scope="col">{words.detail}</th>
              </tr>
            </thead>
            <tbody>
              {lines(cards, deeds).map((each) => (
                <tr key={each.key}>
                  <th scope="row">{clock(each.at, near)}</th>
                  <td>{each.what}</td>
                  <td>{each.detail}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  );
}

interface Line {
  key: string;
  at: string;
  what: string;
  detail: string;
}

/** Cards and deeds in one list, newest first. */
export function lines(cards: Card[], deeds: Deed[]): Line[] {
  const made = [
    ...cards.map((card) => ({
      key: `card-${card.id}`,
      at: card.at,
      what: card.shown ? words.cardShown : words.cardHeldBack,
      detail: [card.summary || card.service, card.why, card.override?.reason]
        .filter(Boolean)
        .join(" · "),
    })),
    ...deeds.map((deed) => ({
      key: `deed-${deed.id}`,
      at: deed.at,
      what: words.deeds[deed.what] ?? deed.what,
      detail: [deed.person, deed.reason, deed.note].filter(Boolean).join(" · "),
    })),
  ];
  return made.sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
}
