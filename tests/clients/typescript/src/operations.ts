// The operations of this client. Their types are generated from the schema: a field that is not there does not build.
import { graphql } from "./gql/index.js";

export const filmParts = graphql(`
  fragment FilmParts on Film { id name studio year genres likes dislikes }
`);

export const randomFilm = graphql(`
  query RandomFilm($filter: FilmFilter) { randomFilm(filter: $filter) { ...FilmParts } }
`);

export const films = graphql(`
  query Films($first: Int!, $after: String, $sort: FilmSort!) {
    films(first: $first, after: $after, sort: $sort) { edges { node { ...FilmParts } } pageInfo { hasNextPage endCursor } }
  }
`);

export const like = graphql(`
  mutation Like($id: ID!) { like(id: $id) { ...FilmParts } }
`);

export const dislike = graphql(`
  mutation Dislike($id: ID!) { dislike(id: $id) { ...FilmParts } }
`);

export const addFilm = graphql(`
  mutation AddFilm($input: AddFilmInput!) { addFilm(input: $input) { ...FilmParts } }
`);

export const filmVoted = graphql(`
  subscription FilmVoted($id: ID!) { filmVoted(id: $id) { ...FilmParts } }
`);

export const filmAdded = graphql(`
  subscription FilmAdded { filmAdded { ...FilmParts } }
`);
