// One `film` field a document at most: two would cost more than the default burst and never pass.

export interface SampleTab {
  query: string;
  variables: string | null;
}

/** The operations that a first visit finds, each in a tab that is named after it. */
export function sampleTabs(now = new Date()): SampleTab[] {
  return [RANDOM_FILM, LIKE, DISLIKE, addFilm(now), LIST_FILMS, LIVE_VOTES, LIVE_ADDITIONS];
}

// Without variables: GraphiQL shows none for the tab of a first visit.
const RANDOM_FILM: SampleTab = {
  query: `# A film chosen at random. Ctrl-Enter runs it.
# Narrow it down: randomFilm(filter: { genre: "Animation", yearFrom: 2000 }, exclude: [1])
query RandomFilm {
  randomFilm {
    id
    name
    studio
    year
    genres
    likes
    dislikes
  }
}
`,
  variables: null,
};

const LIKE: SampleTab = {
  query: `# Records a like; the answer has the new counts.
mutation Like($id: ID!) {
  like(id: $id) {
    id
    name
    likes
    dislikes
  }
}
`,
  variables: json({ id: "1" }),
};

const DISLIKE: SampleTab = {
  query: `# Records a dislike; the answer has the new counts.
mutation Dislike($id: ID!) {
  dislike(id: $id) {
    id
    name
    likes
    dislikes
  }
}
`,
  variables: json({ id: "1" }),
};

// A name of its own for each visitor, since the same film cannot be added twice.
function addFilm(now: Date): SampleTab {
  const time = now.toISOString().slice(0, 19).replace("T", " ");
  return {
    query: `# Adds a film. The same name, studio and year a second time is refused.
mutation AddFilm($input: AddFilmInput!) {
  addFilm(input: $input) {
    id
    name
    studio
    year
    genres
  }
}
`,
    variables: json({
      input: { name: `My film of ${time}`, studio: "Home", year: now.getFullYear(), genres: ["Documentary"] },
    }),
  };
}

const LIST_FILMS: SampleTab = {
  query: `# A page of films. A filter can have a text too: { "text": "toy story" }. With the sort "SHUFFLED" and no
# order, films come at random. For the next page, put endCursor into the variable after.
query ListFilms($filter: FilmFilter, $sort: FilmSort, $order: SortOrder, $first: Int, $after: String) {
  films(filter: $filter, sort: $sort, order: $order, first: $first, after: $after) {
    edges {
      node {
        id
        name
        studio
        year
        genres
        likes
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
  variables: json({
    filter: { genre: "Animation", yearFrom: 1990 },
    sort: "YEAR",
    order: "DESC",
    first: 5,
    after: null,
  }),
};

const LIVE_VOTES: SampleTab = {
  query: `# Waits for votes for film 1: run it here, and Like in a second window of the browser.
subscription LiveVotes {
  filmVoted(id: 1) {
    id
    name
    likes
    dislikes
  }
}
`,
  variables: null,
};

const LIVE_ADDITIONS: SampleTab = {
  query: `# Waits for films that are added: run it here, and AddFilm in a second window of the browser.
subscription LiveAdditions {
  filmAdded {
    id
    name
    studio
    year
  }
}
`,
  variables: null,
};

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
