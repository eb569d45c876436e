/** Who this is about; a line of identity stays even when the EHR shows the banner itself. */

import type { Patient } from "./model";

export function Banner(props: { patient: Patient | null }) {
  const { patient } = props;
  if (!patient) {
    return (
      <header class="banner">
        <h1>The patient could not be read</h1>
      </header>
    );
  }
  if (!patient.show) {
    return (
      <header class="banner slim">
        <h1>{patient.name}</h1>
        <p>
          Born {patient.born} ({patient.age}) · {patient.identifier}
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
        <Item name="Born" text={`${patient.born} (${patient.age})`} />
        <Item name="Sex" text={patient.sex} />
        <Item name="Identifier" text={patient.identifier} />
        {patient.place && <Item name="Place" text={patient.place} />}
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
