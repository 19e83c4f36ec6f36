// Makes the server know what the reference knows: the films of execution/films.json, and names for its cursors.
import { Films } from "./films.mjs";
import { TEXTS } from "./generate.mjs";
import { call } from "./server.mjs";

/** `headers`: those of an admin. The server has no films before. */
export async function prepare(url, headers) {
  for (const film of Films.initial) {
    const { status, json } = await call(url, "POST", "/v1/films", film, headers);
    if (status !== 201) throw new Error(`${film.name}: ${JSON.stringify(json)}`);
  }
  const cursors = new Cursors();
  const lists = ["name", "year", "newest", "likes", "rating"].map((sort) => ({ sort }));
  const texts = TEXTS.filter((text) => /\p{L}/u.test(text)).map((text) => ({ text, sort: "relevance" }));
  for (const { text, sort } of [...lists, ...texts]) {
    for (const order of ["asc", "desc"]) {
      const filter = text === undefined ? undefined : { text };
      const names = new Films().page({ filter, sort: sort.toUpperCase(), order: order.toUpperCase(), first: 100 });
      const q = text === undefined ? "" : `&q=${encodeURIComponent(text)}`;
      const { json } = await call(url, "GET", `/v1/films?sort=${sort}&order=${order}&first=100${q}`);
      const [ours, theirs] = [json.films.map(({ id }) => id), names.edges.map(({ node }) => node.id)];
      if (String(ours) !== String(theirs)) throw new Error(`${sort} ${order} ${text}: ${ours} instead of ${theirs}`);
      for (const { cursor, node } of names.edges) {
        const page = await call(url, "GET", `/v1/films?sort=${sort}&order=${order}&first=${theirs.indexOf(node.id) + 1}${q}`);
        cursors.name(page.json.pageInfo.endCursor, cursor);
      }
    }
  }
  const { accounts, pageInfo } = (await call(url, "GET", "/v1/accounts?first=1", undefined, headers)).json;
  cursors.name(pageInfo.endCursor, `cursor:ACCOUNTS:${accounts[0].id}`);
  const inGraphQl = ({ id, role, ...account }) => ({ ...account, id: `account:${id}`, role: role.toUpperCase() });
  return { cursors, accounts: accounts.map(inGraphQl) };
}

/** The server's cursors, which say nothing to others, and the reference's: `cursor:NAME:1`, after film 1 by name. */
class Cursors {
  #names = new Map();
  #cursors = new Map();

  name(cursor, name) {
    this.#names.set(cursor, name);
    this.#cursors.set(name, cursor);
  }

  /** JSON of the server, as the reference would have it. */
  read(json) {
    return JSON.parse(JSON.stringify(json), (_, value) => this.#names.get(value) ?? value);
  }

  /** JSON of the reference, as the server understands it. */
  write(json) {
    return JSON.parse(
      JSON.stringify(json).replaceAll(/cursor:[A-Z]+:\d+(:\d)?/g, (name) => {
        const cursor = this.#cursors.get(name);
        if (cursor === undefined) throw new Error(`there is no ${name}`);
        return cursor;
      }),
    );
  }
}
