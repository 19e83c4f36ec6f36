// Each sample costs at most one call of the film budget: two would be above the default burst.
const samples = [
  [
    "Random film",
    "query RandomFilm {\n  randomFilm {\n    id\n    name\n    studio\n    year\n    likes\n    dislikes\n  }\n}",
    "",
  ],
  ["Like", "mutation Like($id: ID!) {\n  like(id: $id) {\n    name\n    likes\n  }\n}", '{ "id": "1" }'],
  [
    "Dislike",
    "mutation Dislike($id: ID!) {\n  dislike(id: $id) {\n    name\n    dislikes\n  }\n}",
    '{ "id": "1" }',
  ],
  [
    "Add a film",
    "mutation AddFilm($input: AddFilmInput!) {\n  addFilm(input: $input) {\n    id\n    name\n  }\n}",
    '{ "input": { "name": "My film", "studio": "My studio", "year": 2026 } }',
  ],
  [
    "Most liked films",
    "query Films($after: String) {\n  films(sort: LIKES, first: 10, after: $after) {\n    edges {\n      node {\n        id\n        name\n        likes\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}",
    "",
  ],
  [
    "My quotas",
    "query Quotas {\n  rateLimit {\n    limits {\n      name\n      quota\n      remaining\n      reset\n    }\n  }\n}",
    "",
  ],
];

const element = (id) => document.getElementById(id);

function choose(index) {
  element("query").value = samples[index][1];
  element("variables").value = samples[index][2];
}

function showQuota(headers) {
  const limits = headers.get("RateLimit");
  element("quota").textContent = limits ? `Left: ${limits}` : "";
}

/** What is no JSON, such as the page of a proxy, is shown as it came. */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function run() {
  const status = element("status");
  const result = element("result");
  let variables;
  try {
    variables = JSON.parse(element("variables").value.trim() || "{}");
  } catch (error) {
    status.textContent = `The variables are not valid JSON: ${error.message}`;
    return;
  }
  status.textContent = "Running";
  const headers = { "Content-Type": "application/json", Accept: "application/graphql-response+json" };
  // It is in this field alone, and gone with the page.
  const token = element("token").value.trim();
  if (token) headers.Authorization = `Bearer ${token}`;
  try {
    const response = await fetch("/graphql", {
      method: "POST",
      headers,
      body: JSON.stringify({ query: element("query").value, variables }),
    });
    const wait = response.headers.get("Retry-After");
    status.textContent = `${response.status} ${response.statusText}${wait ? `, try again in ${wait} s` : ""}`;
    showQuota(response.headers);
    // As text, never as markup: names of films come from anybody.
    result.textContent = pretty(await response.text());
  } catch (error) {
    status.textContent = `No answer: ${error.message}`;
  }
}

for (const [index, [title]] of samples.entries()) element("sample").add(new Option(title, index));
element("sample").addEventListener("change", (event) => choose(Number(event.target.value)));
element("request").addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
});
choose(0);
