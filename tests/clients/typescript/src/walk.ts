// All films, page by page.
import type { ApolloClient } from "@apollo/client";
import type { FilmPartsFragment, FilmSort, FilmsQuery } from "./gql/graphql.js";
import { films } from "./operations.js";

/** Cursors stay right while others add and vote: they name a place in the order, not a number of films to skip. */
export async function walk(
  client: ApolloClient,
  first: number,
  sort: FilmSort,
): Promise<FilmPartsFragment[]> {
  const seen: FilmPartsFragment[] = [];
  let after: string | null = null;
  do {
    const page: ApolloClient.QueryResult<FilmsQuery> = await client.query({
      query: films,
      variables: { first, after, sort },
      fetchPolicy: "no-cache",
    });
    if (!page.data) throw new Error("no page");
    const { edges, pageInfo } = page.data.films;
    seen.push(...edges.map((edge) => edge.node));
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
  return seen;
}
