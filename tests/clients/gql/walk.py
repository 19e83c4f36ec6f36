"""gql: fetches the schema, checks operations against it before they are sent, and hears of a vote over a WebSocket."""

import asyncio
import json
import sys

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.aiohttp_websockets import AIOHTTPWebsocketsTransport
from gql.transport.exceptions import TransportQueryError

url = sys.argv[1]

LIKE = gql("mutation Like($id: ID!) { like(id: $id) { id likes } }")
VOTED = gql("subscription Voted($id: ID!) { filmVoted(id: $id) { id likes } }")


def having(document, **variables):
    document.variable_values = variables
    return document


async def main():
    saw = {}
    client = Client(transport=AIOHTTPTransport(url), fetch_schema_from_transport=True)
    async with client as session:
        page = gql(
            """
            query Page($filter: FilmFilter, $sort: FilmSort = YEAR) {
              films(first: 3, filter: $filter, sort: $sort) { edges { node { ...Title year } } }
            }
            fragment Title on Film { id name }
            """
        )
        answer = await session.execute(having(page, filter={"genre": "western"}))
        saw["page"] = [edge["node"] for edge in answer["films"]["edges"]]
        try:
            await session.execute(having(LIKE, id=999999))
        except TransportQueryError as refusal:
            saw["code"] = refusal.errors[0]["extensions"]["code"]
        socket = Client(transport=AIOHTTPWebsocketsTransport(url.replace("http", "ws", 1)))
        async with socket as listening:
            events = listening.subscribe(having(VOTED, id="1"))
            first = asyncio.ensure_future(anext(events))
            # Nobody says when a subscription has begun.
            while not first.done():
                saw["liked"] = (await session.execute(having(LIKE, id="1")))["like"]
                await asyncio.sleep(0.2)
            saw["event"] = (await first)["filmVoted"]
            await events.aclose()
    print(json.dumps(saw))


asyncio.run(main())
