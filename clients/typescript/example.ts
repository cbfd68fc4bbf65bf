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

/** Where a follower stands: the id and the time of the last event that it was told. */
export type Place = Pick<Change, "id" | "at">;

/** The log is another one: a backup was restored. What was copied must be loaded anew. */
export class LogWasReplaced extends Error {}

/**
 * What happened after an event, in order; all of it without `since`. Keep `id` and `at` of the last
 * one, and go on there. Throws LogWasReplaced before anything of another log is told.
 */
export async function* changes(client: Portal, since?: Place): AsyncGenerator<Change> {
  for (let last = since; ; ) {
    const { data, error, response } = await client.GET("/api/v1/changes/", {
      params: { query: { after: last?.id ?? 0, limit: 500 } },
      cache: "no-cache",
    });
    if (!data) refuse(response, error);
    if (last && data.after_at !== last.at) {
      throw new LogWasReplaced(`Event ${last.id} is not the one of ${last.at}: load all anew.`);
    }
    yield* data.results;
    const newest = data.results.at(-1);
    if (!newest) return;
    last = newest;
  }
}

/** Where the whole content is to be had at once. */
export async function exported(client: Portal) {
  const { data, error, response } = await client.GET("/api/v1/export/");
  if (!data) refuse(response, error);
  return data.files.map((file) => `${file.url} ${file.sha256}`);
}
