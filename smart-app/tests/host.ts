/** A launch host of the tests: answers by path, and what was posted. */

import type { Api, Told } from "../src/api";

export interface Posted {
  path: string;
  body: Record<string, unknown>;
}

export function answering(answers: Record<string, unknown | ((body: object) => unknown)>) {
  const posted: Posted[] = [];
  const asked: string[] = [];
  const told = <T,>(path: string, body?: object): Told<T> => {
    const found = answers[path] ?? answers[path.split("?")[0]!];
    const value = typeof found === "function" ? found(body ?? {}) : found;
    if (value === undefined) return { ok: false, status: 503, text: "" };
    if (value instanceof Refused) return { ok: false, status: value.status, text: value.text };
    return { ok: true, value: value as T };
  };
  const api: Api = {
    get: async (path) => {
      asked.push(path);
      return told(path);
    },
    post: async (path, body) => {
      posted.push({ path, body: body as Record<string, unknown> });
      return told(path, body);
    },
  };
  return { api, posted, asked };
}

export class Refused {
  constructor(
    readonly status: number,
    readonly text = "",
  ) {}
}
