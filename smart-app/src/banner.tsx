/** Who this is about; a line of identity stays even when the EHR shows the banner itself. */

import { words } from "./language";
import type { Patient } from "./model";

export function Banner(props: { patient: Patient | null }) {
  const { patient } = props;
  if (!patient) {
    return (
      <header class="banner">
        <h1>{words.noPatient}</h1>
      </header>
    );
  }
  if (!patient.show) {
    return (
      <header class="banner slim">
        <h1>{patient.name}</h1>
        <p>
          {words.born} {patient.born} ({patient.age}) · {patient.identifier}
          {patient.deceased && ` · ${patient.deceased}`}
        </p>
      </header>
    );
  }
  return (
    <header class="banner">
      <h1>
        {patient.name}
        {patient.deceased && <span class="tier other"> {patient.deceased}</span>}
      </h1>
      <dl>
        <Item name={words.born} text={`${patient.born} (${patient.age})`} />
        <Item name={words.sex} text={patient.sex} />
        <Item name={words.identifier} text={patient.identifier} />
        {patient.place && <Item name={words.place} text={patient.place} />}
      </dl>
    </header>
  );
}

function Item(props: { name: string; text: string }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.text}</dd>
    </div>
  );
}
