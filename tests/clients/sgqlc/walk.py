"""sgqlc: types generated from the server's introspection, and operations built from them, with every text as an ASCII literal."""

import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile

from sgqlc.endpoint.http import HTTPEndpoint
from sgqlc.introspection import query, variables
from sgqlc.operation import Operation

url = sys.argv[1]
endpoint = HTTPEndpoint(url)

folder = pathlib.Path(tempfile.mkdtemp())
schema = endpoint(query, variables(include_description=False, include_deprecated=False))
(folder / "schema.json").write_text(json.dumps(schema))
generate = [sys.executable, "-m", "sgqlc.codegen", "schema", str(folder / "schema.json"), str(folder / "films.py")]
subprocess.run(generate, check=True)
spec = importlib.util.spec_from_file_location("films", folder / "films.py")
films = importlib.util.module_from_spec(spec)
spec.loader.exec_module(films)

NAME = 'Café "🎬" \\ 🇫🇷'
adding = Operation(films.Mutation)
film = adding.add_film(input=films.AddFilmInput(name=NAME, studio="🎥", year=2001, genres=["Drama"]))
film.id()
film.name()
film.studio()
added = (adding + endpoint(adding)).add_film

reading = Operation(films.Query)
page = reading.films(first=2, sort="NEWEST", filter={"studio": "🎥"})
page.edges.node.__fields__("id", "name", "year", "genres")
read = (reading + endpoint(reading)).films.edges[0].node

print(
    json.dumps(
        {
            "sent": NAME,
            "text": bytes(adding).decode(),
            "added": {"id": added.id, "name": added.name, "studio": added.studio},
            "read": {"id": read.id, "name": read.name, "year": read.year, "genres": read.genres},
        }
    )
)
