import { cleanup, render, screen, waitFor } from "@testing-library/preact";
import { afterEach, expect, it } from "vitest";
import { CardOf, type ModelCard } from "../src/card";
import { answering } from "./host";

const CARD: ModelCard = {
  definition: "The probability that something made up happens.",
  intended_users: "Nurses",
  setting: "Wards",
  out_of_scope: ["pregnancy"],
  limits: ["Not validated locally: validate before use."],
  citation: "A made-up paper",
  figures: [
    {
      name: "Test part",
      n: 100,
      events: 20,
      figures: [
        { name: "auroc", value: 0.8162, interval: [0.79, 0.8412] },
        { name: "o_e", value: null, interval: null },
      ],
    },
  ],
  source_attributes: [{ number: 5, name: "Intended use", text: "Informs" }],
};

afterEach(cleanup);

function open(answers: Record<string, unknown>) {
  const { api, asked } = answering(answers);
  const read = (model: string) => api.get<{ card: ModelCard }>(`models/${model}/card`);
  render(<CardOf model="made-up" title="Made up" read={read} />);
  const details = screen.getByText("Model card").closest("details")!;
  const toggle = () => {
    details.open = false; // the browser tells of each change by itself
    details.open = true;
  };
  return { asked, details, toggle };
}

it("a card is read when somebody opens it, and shows limits, figures and attributes", async () => {
  const { asked, details, toggle } = open({ "models/made-up/card": { card: CARD } });
  expect(asked).toEqual([]);
  toggle();
  await waitFor(() => expect(details.textContent).toContain("AUROC 0.816 (0.790–0.841); O/E –"));
  expect(asked).toEqual(["models/made-up/card"]);
  for (const part of ["pregnancy", "validate before use", "(100, 20)", "Intended useInforms"]) {
    expect(details.textContent).toContain(part);
  }
});

it("a card that cannot be read says so, and is asked for again when it is opened again", async () => {
  const { asked, details, toggle } = open({});
  toggle();
  await waitFor(() => expect(details.textContent).toContain("Could not be read: Model card."));
  toggle();
  await waitFor(() => expect(asked).toHaveLength(2));
});
