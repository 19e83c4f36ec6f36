import type { Field } from "./body-fields";
import type { Endpoint, Parameter } from "./endpoints";

const filters: Parameter[] = [
  { name: "genre", in: "query", about: "such as Western" },
  { name: "studio", in: "query", about: "such as Toho" },
  { name: "yearFrom", in: "query", about: "of this year or later" },
  { name: "yearTo", in: "query", about: "of this year or earlier" },
  { name: "minVotes", in: "query", about: "at least so many votes" },
];

const id: Parameter = { name: "id", in: "path", about: "of the film, in digits" };
const film: Parameter = { ...id, value: "1" };

const members: Field[] = [
  { name: "name", value: "Night Train", about: "1 to 200 characters" },
  { name: "studio", value: "Kadr", about: "1 to 200 characters" },
  { name: "year", value: "1959", about: "from 1888; may be left out", as: "number" },
  { name: "genres", value: "Drama, Thriller", about: "with commas between; may be left out", as: "list" },
];
const changes: Field[] = members.map(({ value: _, ...field }) => ({ ...field, about: "left out, it stays" }));

export const FILM_ENDPOINTS: Endpoint[] = [
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
    body: members,
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
  ...["genres", "studios"].map(
    (list): Endpoint => ({
      id: list,
      group: "Films",
      methods: ["GET", "HEAD"],
      path: `/v1/${list}`,
      title: list === "genres" ? "The genres" : "The studios",
      about: "By name, each with the number of its films.",
      parameters: [
        { name: "first", in: "query", about: "how many, at most 100", value: "5" },
        { name: "after", in: "query", about: "cursor; those after it" },
        { name: "last", in: "query", about: "the last so many instead" },
        { name: "before", in: "query", about: "cursor; those before it" },
      ],
    }),
  ),
  {
    id: "film",
    group: "Films",
    methods: ["GET", "HEAD"],
    path: "/v1/films/{id}",
    title: "One film",
    about: "By its id.",
    parameters: [film],
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
    parameters: [film],
  },
  {
    id: "dislike",
    group: "Films",
    methods: ["POST"],
    path: "/v1/films/{id}/dislike",
    title: "Dislike",
    about: "Answers with the film and its new counts.",
    parameters: [film],
  },
  {
    id: "withdraw",
    group: "Films",
    methods: ["DELETE"],
    path: "/v1/films/{id}/vote",
    title: "Take a vote back",
    about: "Yours, so sign in first. Answers with the film and its new counts.",
    parameters: [film],
  },
  {
    id: "add",
    group: "Films",
    methods: ["POST"],
    path: "/v1/films",
    title: "Add a film, strictly",
    about: "Members that the server owns and unknown ones are refused by name.",
    parameters: [],
    body: members,
  },
  {
    id: "change",
    group: "Films",
    methods: ["PATCH"],
    path: "/v1/films/{id}",
    title: "Change a film",
    about: "For admins. Answers with the film as it is then.",
    parameters: [film],
    body: changes,
  },
  {
    id: "remove",
    group: "Films",
    methods: ["DELETE"],
    path: "/v1/films/{id}",
    title: "Remove a film",
    about: "For admins. Answers with the film as it was; it is gone with its votes.",
    parameters: [id],
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
  {
    id: "operations",
    group: "Limits",
    methods: ["GET", "HEAD"],
    path: "/v1/operations",
    title: "Operations",
    about: "What can be asked for, from which budget it draws, and who may.",
    parameters: [],
  },
];
