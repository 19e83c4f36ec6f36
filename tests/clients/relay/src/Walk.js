// What the compiler reads: a film that can be fetched again by its id, a page that goes on, and a vote.
import { graphql } from "relay-runtime";

graphql`
  query WalkQuery($count: Int!) {
    film(id: 1) {
      ...Walk_film
    }
    me {
      account {
        id
        name
      }
    }
    ...Walk_page @arguments(count: $count)
  }
`;

graphql`
  fragment Walk_film on Film @refetchable(queryName: "WalkFilmRefetchQuery") {
    id
    name
    likes
  }
`;

graphql`
  fragment Walk_page on Query
  @refetchable(queryName: "WalkPageRefetchQuery")
  @argumentDefinitions(count: { type: "Int!" }, cursor: { type: "String" }) {
    films(first: $count, after: $cursor, sort: NEWEST) @connection(key: "Walk_films") {
      edges {
        node {
          id
          ...Walk_film
        }
      }
    }
  }
`;

graphql`
  mutation WalkLikeMutation($id: ID!) {
    like(id: $id) {
      ...Walk_film
    }
  }
`;
