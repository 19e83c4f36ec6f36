"""ariadne-codegen: a client with a method for each operation, checked by mypy, and used."""

import json
import sys

from films import Films
from films.enums import FilmSort, Role
from films.exceptions import GraphQLClientGraphQLMultiError
from films.fragments import FilmParts

url, session = sys.argv[1:]
client = Films(url=url, headers={"Authorization": f"Bearer {session}"})


def walk(first: int) -> list[FilmParts]:
    """All films, page by page."""
    seen: list[FilmParts] = []
    after: str | None = None
    while True:
        page = client.page(first, after=after, sort=FilmSort.YEAR)
        seen += [edge.node for edge in page.edges]
        if not page.page_info.has_next_page:
            assert len(seen) == page.total_count
            return seen
        after = page.page_info.end_cursor


def like(film: str) -> int | None:
    liked = client.like(film)
    return liked.likes if liked else None


films = walk(100)
try:
    like("999999")
    code = None
except GraphQLClientGraphQLMultiError as refusal:
    code = (refusal.errors[0].extensions or {})["code"]
accounts = client.accounts()
anna = accounts.edges[0].node
made: float = anna.created_at.timestamp()
print(
    json.dumps(
        {
            "walked": [film.id for film in films],
            "liked": like(films[0].id),
            "code": code,
            "accounts": accounts.total_count,
            "anna": {"name": anna.name, "isAdmin": anna.role == Role.ADMIN, "made": made > 0},
        }
    )
)
