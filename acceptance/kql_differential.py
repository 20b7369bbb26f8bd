#!/usr/bin/env python3
"""The public identity queries over generated tables, answered by the built server and by duckdb-kql.

    fixture.py -- VENV/bin/python kql_differential.py

Each query has tables of its own: the columns that it names, with values from its own words, so that filters find something.
Both get the same rows, the server inside the query (`let SigninLogs = datatable(...)`). Compared are rows as a multiset, for
the queries that both run. duckdb-kql is no reference: a disagreement is looked up in the language's. One kind there was, the
order of what `make_set` and its like collect, which the reference leaves open: arrays are compared as multisets.
"""
import argparse
import collections
import datetime
import decimal
import json
import pathlib
import random
import re
import uuid

import duckdb
import duckdb_kql
from fixture import load

from checks import check, done
from directory import Directory
from https_client import Client

FACTS = load()
QUERIES = pathlib.Path(__file__).parent.parent / "standards/kql/tests/data/dev.jsonl"
ROWS = 40
NOW = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None, microsecond=0)
IN_DUCKDB = {"string": "VARCHAR", "datetime": "TIMESTAMP", "dynamic": "JSON", "int": "INTEGER", "long": "BIGINT",
             "real": "DOUBLE", "bool": "BOOLEAN", "guid": "UUID", "timespan": "INTERVAL"}


class Tables:
    """The tables' columns, as the server describes them, and its answers."""

    def __init__(self):
        self.client = Client(FACTS["url"], FACTS["ca"], 60)
        admin = {"tenantId": FACTS["tenant_id"], "adminClientId": FACTS["admin_client_id"],
                 "adminClientSecret": FACTS["admin_client_secret"]}
        self.directory = Directory(FACTS["url"], FACTS["ca"], admin)
        answer = self._call("GET", "metadata", None)
        self.columns = {table["name"]: [(column["name"], column["type"]) for column in table["columns"]]
                        for table in answer.json()["tables"]}

    def _call(self, method, path, body):
        return self.client.json(method, f"/v1/workspaces/{FACTS['tenant_id']}/{path}", body, self.directory.bearer())

    def ask(self, query):
        answer = self._call("POST", "query", {"query": query})
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {answer.json()['error']}")
        [table] = answer.json()["tables"]
        return [column["name"] for column in table["columns"]], table["rows"]


def words(query):
    """What the query compares with: its texts, of which lists and patterns are taken apart."""
    found = re.findall(r'"([^"\n]{1,60})"|\'([^\'\n]{1,60})\'', query)
    texts = [a or b for a, b in found]
    return [text for text in texts if re.fullmatch(r"[\w .,:/@+-]+", text)] or ["a"]


class Rows:
    """Rows for one query."""

    def __init__(self, query, seed):
        self.query, self.random = query, random.Random(seed)
        self.pool = [*words(query), "alice@contoso.com", "10.1.2.3", "", "0"]

    def value(self, name, kind):
        pick = self.random
        if kind == "datetime":
            return NOW - datetime.timedelta(minutes=pick.randrange(90, 60 * 24 * 3))
        if kind in ("int", "long"):
            return pick.choice([0, 1, 2, 403, 200])
        if kind == "real":
            return pick.choice([0.0, 0.5, 12.25])
        if kind == "bool":
            return pick.random() < 0.5
        if kind == "guid":
            return uuid.UUID(int=pick.randrange(4))
        if kind == "dynamic":
            members = sorted(set(re.findall(rf"\b{name}\)*(?:\[\d\])?\.(\w+)", self.query)))
            one = {member: pick.choice(self.pool) for member in members or ["displayName"]}
            is_list = re.search(rf"\b{name}\)*\[\d\]|mv-(?:expand|apply)[^|]*{name}", self.query)
            return [one, dict(one)] if is_list else one
        return pick.choice(self.pool)


def literal(value):
    if value is None:
        return "dynamic(null)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.datetime):
        return f"datetime({value.isoformat()}Z)"
    if isinstance(value, (dict, list)):
        return f"dynamic({json.dumps(value)})"
    if isinstance(value, uuid.UUID):
        return f"guid({value})"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def told(value):
    """A value as both tell it."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (int, decimal.Decimal, float)):
        return round(float(value), 6)
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None).isoformat(timespec="microseconds")
    if isinstance(value, datetime.timedelta):
        return round(value.total_seconds(), 6)
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, list):
        return json.dumps(sorted((told(one) for one in value), key=str))
    if isinstance(value, dict):
        return json.dumps({name: told(member) for name, member in value.items()}, sort_keys=True)
    text = str(value)
    if re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", text):
        return datetime.datetime.fromisoformat(text[:26].rstrip("Z")).isoformat(timespec="microseconds")
    if span := re.fullmatch(r"(-?)(?:(\d+)\.)?(\d\d):(\d\d):(\d\d(?:\.\d+)?)", text):
        sign, days, hours, minutes, seconds = span.groups()
        seconds = int(days or 0) * 86_400 + int(hours) * 3_600 + int(minutes) * 60 + float(seconds)
        return round(-seconds if sign else seconds, 6)
    if text[:1] in "[{\"":
        try:
            return told(json.loads(text))
        except ValueError:
            pass
    return text


def answers(rows):
    return collections.Counter(json.dumps([told(value) for value in row]) for row in rows)


def both(tables, row):
    """What each answers: columns and rows; the reason where one does not."""
    query, rows = row["query"], Rows(row["query"], row["id"])
    connection, shadows = duckdb_kql.connect(), []
    for name, columns in tables.columns.items():
        if not re.search(rf"\b{name}\b", query):
            continue
        named = lambda column: column == "TimeGenerated" or re.search(rf"\b{column}\b", query)
        columns = [(column, kind) for column, kind in columns if named(column)]
        columns = [(column, kind) for column, kind in columns if kind in IN_DUCKDB]
        made = [[rows.value(column, kind) for column, kind in columns] for _ in range(ROWS)]
        shape = ", ".join(f'"{column}" {IN_DUCKDB[kind]}' for column, kind in columns)
        connection.execute(f'CREATE TABLE "{name}" ({shape})')
        plain = [[json.dumps(value) if isinstance(value, (dict, list)) else value for value in one] for one in made]
        connection.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" for _ in columns)})', plain)
        shape = ", ".join(f"{column}: {kind}" for column, kind in columns)
        shadows.append(f"let {name} = datatable({shape})[{', '.join(literal(value) for one in made for value in one)}];")
    try:
        ours = tables.ask("\n".join([*shadows, query]))
    except RuntimeError as error:
        return None, None, f"ours: {error}"
    try:
        relation = duckdb_kql.kql(connection, query)
        theirs = list(relation.columns), relation.fetchall()
    except Exception as error:  # whatever it cannot
        return ours, None, f"theirs: {type(error).__name__} {str(error)[:200]}"
    return ours, theirs, None


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--told", type=pathlib.Path, help="a file for what differs, one JSON object a line")
    chosen = options.parse_args()
    tables, counts, differ = Tables(), collections.Counter(), []
    for line in QUERIES.read_text().splitlines():
        row = json.loads(line)
        if not row["bind_ok"]:
            continue
        ours, theirs, why = both(tables, row)
        if why:
            counts[why.split(":")[0]] += 1
            differ.append({"id": row["id"], "why": why, "query": row["query"]})
            continue
        counts["both"] += 1
        counts["with rows"] += bool(ours[1] or theirs[1])
        if answers(ours[1]) == answers(theirs[1]):
            counts["alike"] += 1
        else:
            counts["otherwise"] += 1
            some = [[str(value) for value in one] for one in theirs[1][:3]]
            differ.append({"id": row["id"], "ours": [ours[0], ours[1][:3]], "theirs": [theirs[0], some], "query": row["query"]})
    if chosen.told:
        chosen.told.write_text("\n".join(json.dumps(one) for one in differ) + "\n")
    print(f"both run {counts['both']} queries, {counts['with rows']} with rows; ours alone fails {counts['ours']}, "
          f"theirs {counts['theirs']}")
    check("many queries run on both, many of them with rows", counts["both"] > 150 and counts["with rows"] > 75, counts)
    check("both answer alike", not counts["otherwise"], [one["id"] for one in differ if "ours" in one])
    done()


if __name__ == "__main__":
    main()
