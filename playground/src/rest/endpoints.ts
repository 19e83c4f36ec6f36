/** A place that a request is made of. */
export interface Parameter {
  name: string;
  in: "query" | "path";
  /** What it means. */
  about: string;
  /** What stands there at first; undefined sends nothing. */
  value?: string;
}

/** One endpoint, as `openapi.json` describes it. */
export interface Endpoint {
  id: string;
  group: string;
  /** The first one is chosen at first; every other one can be tried too, as a refusal is an answer. */
  methods: string[];
  /** With `{name}` where a parameter of the path goes. */
  path: string;
  title: string;
  about: string;
  parameters: Parameter[];
  /** Whether a film is sent. */
  takesFilm?: boolean;
}

const filters: Parameter[] = [
  { name: "genre", in: "query", about: "such as Western" },
  { name: "studio", in: "query", about: "such as Toho" },
  { name: "yearFrom", in: "query", about: "of this year or later" },
  { name: "yearTo", in: "query", about: "of this year or earlier" },
  { name: "minVotes", in: "query", about: "at least so many votes" },
];

const film = (value: string): Parameter => ({
  name: "id",
  in: "path",
  about: "of the film, in digits",
  value,
});

export const ENDPOINTS: Endpoint[] = [
  {
    id: "random",
    group: "Documented",
    methods: ["GET", "HEAD"],
    path: "/",
    title: "Random film, or vote",
    about: "Votes are recorded first, both or neither; then comes a random film. HEAD never votes.",
    parameters: [
      { name: "like", in: "query", about: "id of a film to like" },
      { name: "dislike", in: "query", about: "id of a film to dislike" },
    ],
  },
  {
    id: "add-documented",
    group: "Documented",
    methods: ["POST", "HEAD"],
    path: "/add_film",
    title: "Add a film",
    about: "Members that the server owns and unknown ones are ignored. HEAD adds nothing and costs as much.",
    parameters: [],
    takesFilm: true,
  },
  {
    id: "films",
    group: "Films",
    methods: ["GET", "HEAD"],
    path: "/v1/films",
    title: "A page of films",
    about: "Filtered, sorted, and a page at a time.",
    parameters: [
      ...filters,
      { name: "sort", in: "query", about: "name, year, newest or likes" },
      { name: "first", in: "query", about: "how many, at most 100", value: "5" },
      { name: "after", in: "query", about: "cursor; the films after it" },
      { name: "last", in: "query", about: "the last so many instead" },
      { name: "before", in: "query", about: "cursor; the films before it" },
    ],
  },
  {
    id: "film",
    group: "Films",
    methods: ["GET", "HEAD"],
    path: "/v1/films/{id}",
    title: "One film",
    about: "By its id.",
    parameters: [film("1")],
  },
  {
    id: "random-filtered",
    group: "Films",
    methods: ["GET", "HEAD"],
    path: "/v1/films/random",
    title: "Random among some",
    about: "Chosen uniformly among the films that match.",
    parameters: [
      ...filters,
      { name: "exclude", in: "query", about: "ids to leave out, with commas between" },
    ],
  },
  {
    id: "like",
    group: "Films",
    methods: ["POST"],
    path: "/v1/films/{id}/like",
    title: "Like",
    about: "Answers with the film and its new counts.",
    parameters: [film("1")],
  },
  {
    id: "dislike",
    group: "Films",
    methods: ["POST"],
    path: "/v1/films/{id}/dislike",
    title: "Dislike",
    about: "Answers with the film and its new counts.",
    parameters: [film("1")],
  },
  {
    id: "add",
    group: "Films",
    methods: ["POST"],
    path: "/v1/films",
    title: "Add a film, strictly",
    about: "Members that the server owns and unknown ones are refused by name.",
    parameters: [],
    takesFilm: true,
  },
  {
    id: "rate-limit",
    group: "Limits",
    methods: ["GET", "HEAD"],
    path: "/v1/rate_limit",
    title: "Your quotas",
    about: "Asking is free.",
    parameters: [],
  },
];

/** What is put together from the path and the parameters that are sent; the values are by name. */
export function addressOf({ path, parameters }: Endpoint, values: Map<string, string>): string {
  let address = path;
  const query: string[] = [];
  for (const parameter of parameters) {
    const value = values.get(parameter.name);
    if (parameter.in === "path") {
      address = address.replace(`{${parameter.name}}`, encodeURIComponent(value ?? ""));
    } else if (value !== undefined) {
      query.push(`${parameter.name}=${encodeURIComponent(value)}`);
    }
  }
  return query.length ? `${address}?${query.join("&")}` : address;
}
