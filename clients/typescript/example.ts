/** The worked example: it must compile against the types made of docs/openapi.yaml. */

import createClient from "openapi-fetch";

import type { components, paths } from "./schema";

export type Change = components["schemas"]["Change"];
export type Statement = components["schemas"]["Statement"];

export const portal = (baseUrl: string) => createClient<paths>({ baseUrl });
export type Portal = ReturnType<typeof portal>;

/** Refuses with the portal's own words (RFC 9457). */
function refuse(response: Response, problem: unknown): never {
  const told = problem as { detail?: string } | undefined;
  throw new Error(`${response.status}: ${told?.detail ?? response.statusText}`);
}

/** The current edition of a topic: its title, edition and digest. */
export async function topic(client: Portal, slug: string) {
  const { data, error, response } = await client.GET("/api/v1/topics/{slug}/", {
    params: { path: { slug } },
  });
  if (!data) refuse(response, error);
  return { title: data.title, edition: data.edition.number, digest: data.edition.digest };
}

/** All statements of high certainty in a topic, page by page. */
export async function* statements(client: Portal, slug: string): AsyncGenerator<Statement> {
  for (let page = 1; ; page++) {
    const { data, error, response } = await client.GET("/api/v1/statements/", {
      params: { query: { topic: slug, certainty: ["high"], page } },
    });
    if (!data) refuse(response, error);
    yield* data.results;
    if (!data.next) return;
  }
}

/** What happened after an event, in order. Keep the id of the last one, and go on there. */
export async function* changes(client: Portal, after = 0): AsyncGenerator<Change> {
  for (;;) {
    const { data, error, response } = await client.GET("/api/v1/changes/", {
      params: { query: { after, limit: 500 } },
      cache: "no-cache",
    });
    if (!data) refuse(response, error);
    yield* data.results;
    const last = data.results.at(-1);
    if (!last) return;
    after = last.id;
  }
}

/** Where the whole content is to be had at once. */
export async function exported(client: Portal) {
  const { data, error, response } = await client.GET("/api/v1/export/");
  if (!data) refuse(response, error);
  return data.files.map((file) => `${file.url} ${file.sha256}`);
}
