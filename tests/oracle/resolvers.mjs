// Gives the reference's schema what it answers with: the films in memory, and who asks.
import { GraphQLError } from "graphql";
import { schema } from "./reference.mjs";

const resolvers = {
  Query: {
    film: (_, { id }, { films }) => films.find(id),
    films: (_, page, { films }) => films.page(page),
    randomFilm: (_, choice, { films }) => films.only(choice),
    node: (_, { id }, { films, accounts }) => (id.startsWith("account:") ? withId(accounts, id) : films.find(id)),
    me: (_, __, { caller }) => caller,
    accounts: (_, __, { accounts }) => pageOf(accounts),
    account: (_, { id }, { accounts }) => withId(accounts, id),
    rateLimit: () => ({ limits: [] }),
  },
  Film: {
    ...Object.fromEntries(["id", "name", "studio", "year", "genres", "likes", "dislikes"].map((name) => [name, (film) => film[name]])),
    myVote: ({ id }, _, { films, caller }) => films.voteOf(id, caller.account?.id),
  },
  Mutation: {
    like: (_, { id }, { films, caller }) => films.vote(id, "likes", caller.account?.id),
    dislike: (_, { id }, { films, caller }) => films.vote(id, "dislikes", caller.account?.id),
    removeVote: (_, { id }, { films, caller }) => films.removeVote(id, caller.account.id),
    addFilm: (_, { input }, { films }) => films.add(input),
    updateFilm: (_, { id, input }, { films }) => films.update(id, input),
    removeFilm: (_, { id }, { films }) => films.remove(id),
  },
};

for (const [type, fields] of Object.entries(resolvers)) {
  for (const [name, field] of Object.entries(schema.getType(type).getFields())) {
    field.resolve = fields[name] ?? (() => refuse(`${type}.${name} has no answer that is determined`));
  }
}

/** All accounts, on one page. */
function pageOf(accounts) {
  const edges = accounts.map((node) => ({ cursor: node.id.replace("account", "cursor:ACCOUNTS"), node }));
  const [startCursor, endCursor] = [edges.at(0)?.cursor ?? null, edges.at(-1)?.cursor ?? null];
  return { edges, pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor, endCursor }, totalCount: edges.length };
}

function withId(all, id) {
  return all.find((one) => one.id === id) ?? null;
}

schema.getType("Node").resolveType = ({ role }) => (role === undefined ? "Film" : "Account");

function refuse(why) {
  throw new GraphQLError(why, { extensions: { code: "NOT_DETERMINED" } });
}

/** An answer in the form in which answers are compared: an error is where it happened, its place in the text and its code. */
export function comparable({ data, errors = [] }) {
  // Of a document that was not run, it matters only that it was not.
  if (data === undefined) return { data: "none", errors: [] };
  const told = errors.map(({ path, locations, extensions }) => {
    return JSON.stringify({ path, code: extensions?.code, at: locations?.[0] });
  });
  return { data: JSON.stringify(data), errors: told.sort() };
}

/**
 * Whether two answers are the same. Where a failed field takes everything with it, graphql-js leaves off, so that the server
 * may tell of more fields that failed.
 */
export function agree(expected, actual) {
  if (expected.data !== actual.data) return false;
  const isWhole = expected.data === "null" || expected.errors.length === actual.errors.length;
  return isWhole && expected.errors.every((error) => actual.errors.includes(error));
}
