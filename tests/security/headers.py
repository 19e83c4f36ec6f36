"""Has drheaderplus judge the header of one answer of each kind that a server gives. Usage: headers.py URL.

Prints a line for each fault. headers-api.yml and headers-pages.yml say, with reasons, where its own rules do not fit.
"""

import sys
from pathlib import Path

import requests
import urllib3
from drheader import Drheader
from drheader.utils import load_rules

urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

HERE = Path(__file__).parent
# Without includeSubDomains: what else lives below a name, filmgate cannot know (`tls.hsts_include_subdomains`).
HSTS = {"Required": True, "Directives": {"max-age": {"Required": True, "Value-Gte": 31536000}}}
JSON = {"Content-Type": "application/json"}

# Method, path, header, body, and the status that shows that it is the kind of answer that is meant.
API = [
    ("GET", "/", {}, None, 200),
    ("GET", "/?like=x", {}, None, 400),
    ("GET", "/v1/films/7000", {}, None, 404),
    ("DELETE", "/add_film", {}, None, 405),
    ("OPTIONS", "/graphql", {"Origin": "http://localhost:1", "Access-Control-Request-Method": "POST"}, None, 204),
    ("POST", "/add_film", JSON, '{"name":"Night Train","studio":"Kadr"}', 201),
    ("POST", "/add_film", JSON, '{"name":"Night Train","studio":"Kadr"}', 409),
    ("POST", "/add_film", JSON, "x" * 70_000, 413),
    ("POST", "/add_film", {"Content-Type": "text/plain"}, "x", 415),
    ("POST", "/add_film", JSON, "{}", 422),
    ("GET", "/v1/films", {"Host": "foreign.example"}, None, 403),
    ("GET", "/v1/films", {"Authorization": "Bearer x"}, None, 401),
    ("POST", "/graphql", JSON, '{"query":"{ films(first: 1) { edges { cursor } } }"}', 200),
    ("POST", "/graphql", JSON, "x", 400),
    ("GET", "/graphql?query=mutation{like(id:1){id}}", {}, None, 405),
    ("GET", "/openapi.json", {}, None, 200),
    ("GET", "/health/ready", {}, None, 200),
    ("GET", "/nothing", {}, None, 404),
]
PAGES = [
    ("GET", "/playground", {}, None, 200),
    ("GET", "/playground/films", {}, None, 200),
    ("GET", "/playground/rest", {}, None, 200),
    ("GET", "/playground/basic", {}, None, 200),
    ("GET", "/playground/basic.js", {}, None, 200),
]


def main(url):
    for name, calls in (("headers-api.yml", API), ("headers-pages.yml", PAGES)):
        with (HERE / name).open() as file:
            rules = load_rules(rules_file=file, merge_default=True)
        if url.startswith("https:"):
            rules["Strict-Transport-Security"] = HSTS
        for method, path, header, body, status in calls:
            answer = requests.request(
                method, url + path, headers=header, data=body, timeout=10, verify=False, allow_redirects=False
            )
            call = f"{method} {path} ({status})"
            if answer.status_code != status:
                print(f"{call}: answered with {answer.status_code}")
            for fault in Drheader(headers=answer.headers).analyze(rules=rules):
                print(f"{call}: {fault.severity}, {fault.rule}: {fault.message} {fault.value or ''}")


main(sys.argv[1])
