"""openapi-python-client: a package generated from the document, checked by mypy, and used."""

import json
import sys
import uuid

from films import Client
from films.api.films import add_film, film, films, like, random_film
from films.models import FieldFault, Film, FilmPage, NewFilm, Problem, ProblemCode
from films.types import UNSET, Unset

client = Client(base_url=sys.argv[1])


def remedy(problem: Problem | Film | FilmPage | None) -> str:
    """What can be done about a refusal; each code is one that there is."""
    if not isinstance(problem, Problem):
        return "nothing to do"
    match problem.code:
        case ProblemCode.FILM_EXISTS:
            return f"film {problem.film_id} is there"
        case ProblemCode.INVALID_INPUT:
            faults: list[FieldFault] | Unset = problem.fields
            return " ".join(fault.pointer for fault in faults) if faults else ""
        case code:
            return code.value


def walk(first: int) -> list[int]:
    """The ids of all films, page by page."""
    seen: list[int] = []
    after: str | Unset = UNSET
    while True:
        page = films.sync(client=client, first=first, after=after)
        assert isinstance(page, FilmPage), page
        seen += [entry.id for entry in page.films]
        if not page.page_info.has_next_page:
            return seen
        after = page.page_info.end_cursor or UNSET


page = films.sync(client=client, first=1)
assert isinstance(page, FilmPage), page
first = page.films[0]

# The id that came out goes in as it is.
key = str(uuid.uuid4())
likes = [like.sync_detailed(first.id, client=client, idempotency_key=key) for _ in range(2)]
picked = random_film.sync(client=client, studio=first.studio, exclude=[first.id, first.id + 1])
body = NewFilm(name="Night Train", studio="Kadr", year=1959, genres=["Drama"])
added = add_film.sync(client=client, body=body)
assert isinstance(added, Film), added
refused = [
    add_film.sync(client=client, body=body),
    add_film.sync(client=client, body=NewFilm(name=" ", studio="", year=1066)),
    film.sync(999_999, client=client),
]


def told(answer: object) -> object:
    return answer.to_dict() if isinstance(answer, Film) else getattr(answer, "code", None)


print(
    json.dumps(
        {
            "film": first.to_dict(),
            "likes": [told(answer.parsed) for answer in likes],
            "replayed": [answer.headers.get("Idempotency-Replayed") for answer in likes],
            "picked": told(picked),
            "added": added.to_dict(),
            "refused": [remedy(answer) for answer in refused],
            "walked": walk(100),
        }
    )
)
