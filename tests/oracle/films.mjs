// Films in the memory of the reference: what the server is expected to know, told anew in a few lines.
import { readFileSync } from "node:fs";
import { GraphQLError } from "graphql";

const initial = JSON.parse(readFileSync(new URL("execution/films.json", import.meta.url), "utf8"));
const PAGE = 20;
const MOST = 100;

/** Films that match a filter, in an order, and what becomes of them by votes and changes. */
export class Films {
  #films = initial.map((film, place) => ({ id: place + 1, year: null, genres: [], likes: 0, dislikes: 0, ...film }));
  /** What an account thinks of films: its latest vote for each. */
  #votes = new Map();
  #next = this.#films.length + 1;

  static initial = initial;

  find(id) {
    return this.#films.find((film) => String(film.id) === String(id)) ?? null;
  }

  /** The one film that there is to choose. With several the server chooses, and there is nothing to compare. */
  only({ filter, exclude }) {
    const left = this.#matching(filter).filter((film) => !exclude?.some((id) => String(id) === String(film.id)));
    if (left.length > 1) throw new Error("several films match: the answer is not determined");
    return left[0] ?? null;
  }

  page({ filter, sort, order, seed, first, after, last, before }) {
    const by = sort ?? (filter?.text == null ? "NAME" : "RELEVANCE");
    if (by === "SHUFFLED") throw new Error("the server shuffles: the answer is not determined");
    if (seed != null) refuse("INVALID_INPUT");
    if (by === "RELEVANCE" && filter?.text == null) refuse("INVALID_INPUT");
    const isReversed = order != null && (order === "DESC") !== DESCENDING.includes(by);
    const list = by + (isReversed ? "REVERSED" : "");
    const compare = (one, other) => (isReversed ? -1 : 1) * ORDERS[by](one, other);
    if (first != null && last != null) refuse("INVALID_INPUT");
    const size = last ?? first ?? PAGE;
    if (size < 0 || size > MOST) refuse("INVALID_INPUT");
    const all = this.#matching(filter).sort(compare);
    const place = (cursor) => {
      const [is, of, id, quality] = cursor.split(":");
      if (is !== "cursor" || of !== list) refuse("INVALID_INPUT");
      // Its film may not match, so it is the place where it would stand.
      const film = { ...this.find(id), quality: Number(quality) };
      return (other) => compare(other, film);
    };
    const isAfter = after == null ? () => true : ((than) => (film) => than(film) > 0)(place(after));
    const isBefore = before == null ? () => true : ((than) => (film) => than(film) < 0)(place(before));
    const between = all.filter((film) => isAfter(film) && isBefore(film));
    const films = last == null ? between.slice(0, size) : between.slice(Math.max(0, between.length - size));
    const more = between.length > size;
    const edges = films.map((film) => ({ cursor: named(list, film), node: film }));
    return {
      edges,
      totalCount: all.length,
      pageInfo: {
        hasNextPage: last == null ? more : before != null,
        hasPreviousPage: last == null ? after != null : more,
        startCursor: edges[0]?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
      },
    };
  }

  /** `opinion`: `likes` or `dislikes`. An account has one vote for a film; nobody in particular has as many as they cast. */
  vote(id, opinion, account) {
    const film = this.find(id) ?? refuse("FILM_NOT_FOUND");
    if (account) {
      const votes = this.#votesOf(account);
      const earlier = votes.get(film.id);
      if (earlier) film[earlier] -= 1;
      votes.set(film.id, opinion);
    }
    film[opinion] += 1;
    return { ...film };
  }

  voteOf(id, account) {
    const opinion = this.#votes.get(account)?.get(id);
    return opinion ? { likes: "LIKE", dislikes: "DISLIKE" }[opinion] : null;
  }

  removeVote(id, account) {
    const film = this.find(id) ?? refuse("FILM_NOT_FOUND");
    const votes = this.#votesOf(account);
    const earlier = votes.get(film.id);
    if (earlier) film[earlier] -= 1;
    votes.delete(film.id);
    return { ...film };
  }

  add({ name, studio, year, genres }) {
    this.#checkTexts({ name, studio });
    const film = { id: 0, name, studio, year: year ?? null, genres: genres ?? [], likes: 0, dislikes: 0 };
    this.#checkUnique(film);
    film.id = this.#next;
    this.#next += 1;
    this.#films.push(film);
    return { ...film };
  }

  update(id, input) {
    const film = this.find(id) ?? refuse("FILM_NOT_FOUND");
    const changed = { ...film, ...input };
    this.#checkTexts(changed);
    changed.genres ??= [];
    this.#checkUnique(changed);
    return { ...Object.assign(film, changed) };
  }

  remove(id) {
    const film = this.find(id) ?? refuse("FILM_NOT_FOUND");
    this.#films = this.#films.filter((other) => other !== film);
    return film;
  }

  #matching(filter) {
    const { text, genre, studio, yearFrom, yearTo, minVotes } = filter ?? {};
    if (text != null && !isSought(text)) refuse("INVALID_INPUT");
    if (yearFrom != null && yearTo != null && yearFrom > yearTo) refuse("INVALID_INPUT");
    if (minVotes < 0) refuse("INVALID_INPUT");
    const films = text == null ? this.#films : found(this.#films, text);
    return films.filter(
      (film) =>
        (genre == null || film.genres.some((own) => fold(own) === fold(genre))) &&
        (studio == null || fold(film.studio) === fold(studio)) &&
        (yearFrom == null || (film.year !== null && film.year >= yearFrom)) &&
        (yearTo == null || (film.year !== null && film.year <= yearTo)) &&
        (minVotes == null || film.likes + film.dislikes >= minVotes),
    );
  }

  #checkTexts({ name, studio }) {
    if (!name?.trim() || !studio?.trim()) refuse("INVALID_INPUT");
  }

  #checkUnique(film) {
    const key = ({ name, studio, year }) => JSON.stringify([fold(name), fold(studio), year]);
    if (this.#films.some((other) => other.id !== film.id && key(other) === key(film))) refuse("FILM_EXISTS");
  }

  #votesOf(account) {
    if (!this.#votes.has(account)) this.#votes.set(account, new Map());
    return this.#votes.get(account);
  }
}

function refuse(code) {
  throw new GraphQLError(code, { extensions: { code } });
}

function fold(text) {
  return text.normalize("NFC").toLowerCase();
}

/** By a key, and films with equal keys by id. */
function by(key) {
  return (one, other) => {
    const [a, b] = [key(one), key(other)];
    return a < b ? -1 : a > b ? 1 : one.id - other.id;
  };
}

/** Those that have the words of a text, each by its beginning, and how well: the less, the better. */
function found(films, text) {
  const sought = plain(text).replaceAll(/['’]/g, "");
  const words = split(sought);
  const quality = (film, begins, is) => {
    const [own, others] = [wordsOf(film.name), wordsOf(film.studio)];
    const has = (all) => words.every((word) => all.some((other) => begins(word, other)));
    if (!has([...own, ...others])) return [];
    const [whole, name] = [letters(sought), letters(plain(film.name))];
    const best = [() => is(whole, name), () => begins(whole, name), () => true].findIndex((holds) => holds());
    return [{ ...film, quality: has(own) ? best : 3 }];
  };
  const right = films.flatMap((film) => quality(film, (word, other) => other.startsWith(word), Object.is));
  return right.length > 0 ? right : films.flatMap((film) => quality(film, beginsNearly, isNearly));
}

/** Whether there is something to look for. */
function isSought(text) {
  return split(plain(text)).length > 0 && text.length <= 200;
}

function plain(text) {
  return text.normalize("NFKD").toLowerCase().replaceAll(/[\u0300-\u036f]/g, "");
}

function letters(text) {
  return text.replaceAll(/[^\p{L}\p{N}\p{M}]/gu, "");
}

function split(text) {
  return text.split(/[^\p{L}\p{N}\p{M}]+/u).filter(Boolean);
}

/** "Spider-Man" is one word too. */
function wordsOf(name) {
  return plain(name).split(/\s+/).flatMap((token) => [...split(token), letters(token)]);
}

function beginsNearly(word, other) {
  return [...Array(other.length + 1).keys()].some((end) => isNearly(word, other.slice(0, end))) || other.startsWith(word);
}

/** Whether at most one letter is another one, missing, or too many, or two have changed places. */
function isNearly(word, other) {
  if (word === other) return true;
  if ([...word].length < 4) return false;
  const alike = [...word].findIndex((letter, place) => letter !== other[place]);
  const place = alike < 0 ? word.length : alike;
  const [own, theirs] = [word.slice(place), other.slice(place)];
  return (
    own.slice(1) === theirs.slice(1) ||
    own.slice(1) === theirs ||
    own === theirs.slice(1) ||
    (own[0] === theirs[1] && own[1] === theirs[0] && own.slice(2) === theirs.slice(2))
  );
}

/** The lower bound of Wilson's interval. */
function rating({ likes, dislikes }) {
  const [n, z] = [likes + dislikes, 1.959963984540054];
  if (likes === 0) return 0;
  const p = likes / n;
  return (p + (z * z) / (2 * n) - z * Math.sqrt((p * (1 - p) + (z * z) / (4 * n)) / n)) / (1 + (z * z) / n);
}

/** The name of a place in a list. */
function named(list, { id, quality }) {
  return `cursor:${list}:${id}${list.startsWith("RELEVANCE") ? `:${quality}` : ""}`;
}

/** Those that begin with the greatest unless somebody says otherwise. */
const DESCENDING = ["NEWEST", "LIKES", "RATING", "RELEVANCE"];

const ORDERS = {
  NAME: by((film) => Buffer.from(fold(film.name)).toString("hex")),
  YEAR: by((film) => film.year ?? Number.MAX_SAFE_INTEGER),
  NEWEST: by((film) => -film.id),
  LIKES: by((film) => -film.likes),
  RATING: by((film) => -rating(film)),
  RELEVANCE: by((film) => film.quality * 1e9 - film.likes),
};
