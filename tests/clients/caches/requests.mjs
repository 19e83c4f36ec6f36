// Counts what a client sends, without changing it.

/** `fetch`, and the bodies of all that was sent by it. */
export function listening() {
  const sent = [];
  const fetchAndNote = (target, options) => {
    sent.push(JSON.parse(options.body));
    return fetch(target, options);
  };
  return { sent, fetch: fetchAndNote };
}

/** Of each request, whether it had the text of its operation and whether it had the text's hash. */
export function forms(sent) {
  return sent.map(({ query, extensions }) => [Boolean(query), Boolean(extensions?.persistedQuery)]);
}
