// Makes the server know what the reference knows: the films of execution/films.json, and names for its cursors.
import { Films } from "./films.mjs";
import { call } from "./server.mjs";

/** `headers`: those of an admin. The server has no films before. */
export async function prepare(url, headers) {
  for (const film of Films.initial) {
    const { status, json } = await call(url, "POST", "/v1/films", film, headers);
    if (status !== 201) throw new Error(`${film.name}: ${JSON.stringify(json)}`);
  }
  const cursors = new Cursors();
  for (const sort of ["name", "year", "newest", "likes"]) {
    for (let after = ""; ; ) {
      const { json } = await call(url, "GET", `/v1/films?sort=${sort}&first=1${after}`);
      if (json.films.length === 0) break;
      const { endCursor } = json.pageInfo;
      cursors.name(endCursor, `cursor:${sort.toUpperCase()}:${json.films[0].id}`);
      after = `&after=${endCursor}`;
    }
  }
  const { accounts } = (await call(url, "GET", "/v1/accounts", undefined, headers)).json;
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
      JSON.stringify(json).replaceAll(/cursor:[A-Z]+:\d+/g, (name) => {
        const cursor = this.#cursors.get(name);
        if (cursor === undefined) throw new Error(`there is no ${name}`);
        return cursor;
      }),
    );
  }
}
