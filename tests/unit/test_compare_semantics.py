"""What a comparison means, case by case: the counts, and what else is said of the case."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.unit.comparing import Content, document

WIDE = "id,name,stars\n1,Kyber,5\n2,Maker,7\n3,Dozer,9\n"
BARE = "Kyber,arn:1,5\nMaker,arn:2,7\nDozer,arn:3,9\n"
GRID = [f"{x},{y}" for x in "abc" for y in "abc"]


@dataclass(frozen=True)
class Case:
    """``said`` are values in the document by dotted path; ``warned`` is part of a warning."""

    name: str
    old: Content
    new: Content
    short: str
    said: dict[str, Any] = field(default_factory=dict)
    warned: str = ""
    options: dict[str, Any] = field(default_factory=dict)


def bare(*rows: str) -> str:
    return "".join(f"{row}\n" for row in rows)


CASES = [
    # cells are text
    Case("leading zeros count", "id,v\na,007\n", "id,v\na,7\n", "+0 -0 ~1 =0"),
    Case("1.0 is not 1", "id,v\na,1.0\n", "id,v\na,1\n", "+0 -0 ~1 =0"),
    Case("1.0 is 1 with a tolerance", "id,v\na,1.0\n", "id,v\na,1\n",
         "+0 -0 ~0 =1", options={"tolerance": "0"}),
    Case("empty is not null", "id,v,w\na,,1\n", "id,v,w\na,null,1\n", "+0 -0 ~1 =0"),
    Case("empty is not NA", "id,v,w\na,,1\n", "id,v,w\na,NA,1\n", "+0 -0 ~1 =0"),
    Case("empty is quoted empty", "id,v,w\na,,1\n", 'id,v,w\na,"",1\n', "+0 -0 ~0 =1", {"identical": True}),
    Case("blanks count", "id,v\na,x\n", "id,v\na,x \n", "+0 -0 ~1 =0"),
    Case("case counts", "id,v\na,x\n", "id,v\na,X\n", "+0 -0 ~1 =0"),
    # form carries no meaning
    Case("quoting style", WIDE, '"id","name","stars"\n"1","Kyber","5"\n2,"Maker",7\n3,Dozer,"9"\n',
         "+0 -0 ~0 =3", {"identical": True}),
    Case("line endings", WIDE, WIDE.replace("\n", "\r\n"), "+0 -0 ~0 =3",
         {"identical": True, "new.line_ending": "crlf"}),
    Case("old Mac line endings", WIDE, WIDE.replace("\n", "\r"), "+0 -0 ~0 =3",
         {"identical": True, "new.line_ending": "cr"}),
    Case("line endings inside quotes", 'id,v\n1,"a\nb"\n', 'id,v\r\n1,"a\r\nb"\r\n', "+0 -0 ~0 =1"),
    Case("byte-order mark on one side", WIDE, b"\xef\xbb\xbf" + WIDE.encode(), "+0 -0 ~0 =3",
         {"identical": True, "old.encoding": "utf-8", "new.encoding": "utf-8-sig"}),
    Case("missing final newline", WIDE, WIDE.rstrip("\n"), "+0 -0 ~0 =3", {"identical": True}),
    Case("empty lines at the end", WIDE, WIDE + "\n\n", "+0 -0 ~0 =3", {"identical": True}),
    Case("Latin-1 on one side", "id,v\n1,Zürich\n", "id,v\n1,Zürich\n".encode("latin-1"), "+0 -0 ~0 =1",
         {"identical": True, "new.encoding": "latin-1"}, "not UTF-8 (line 2)"),
    Case("Windows-1252 on one side", "id,v\n1,5 €\n", "id,v\n1,5 €\n".encode("cp1252"), "+0 -0 ~0 =1",
         {"identical": True, "new.encoding": "cp1252"}, "read as cp1252"),
    Case("UTF-16 on one side", WIDE, WIDE.encode("utf-16"), "+0 -0 ~0 =3",
         {"identical": True, "new.encoding": "utf-16"}),
    Case("UTF-16 without a mark", WIDE, WIDE.encode("utf-16-be"), "+0 -0 ~0 =3",
         {"identical": True, "new.encoding": "utf-16-be"}),
    Case("UTF-32", WIDE, WIDE.encode("utf-32"), "+0 -0 ~0 =3", {"new.encoding": "utf-32"}),
    *[
        Case(f"delimiter {name}", WIDE, WIDE.replace(",", mark), "+0 -0 ~0 =3",
             {"identical": True, "old.delimiter": ",", "new.delimiter": mark})
        for name, mark in (("semicolon", ";"), ("tab", "\t"), ("bar", "|"))
    ],
    Case("commas within semicolons", "id;v\na;1,5\nb;2,5\n", "id;v\na;1,5\nb;3,5\n", "+0 -0 ~1 =1",
         {"old.delimiter": ";", "columns.changed": {"v": 1}}),
    Case("a given delimiter", "a:b:1\n", "a:b:2\n", "+0 -0 ~1 =0", {"new.delimiter": ":", "new.columns": 3},
         options={"delimiter": ":", "header": "no", "key": ("1",)}),
    # order
    Case("row order", WIDE, bare("id,name,stars", "3,Dozer,9", "1,Kyber,5", "2,Maker,7"), "+0 -0 ~0 =3",
         {"identical": True, "counts.moved": 1}),
    Case("column order with headers", WIDE, "stars,id,name\n5,1,Kyber\n7,2,Maker\n9,3,Dozer\n", "+0 -0 ~0 =3",
         {"identical": True, "columns.reordered": ["stars", "id", "name"]}),
    # without a header
    Case("no header, found", BARE, BARE.replace("7", "8"), "+0 -0 ~1 =2",
         {"old.header": False, "old.rows": 3, "key": ["1"], "columns.changed": {"3": 1}}),
    Case("no header, first row changed", BARE, BARE.replace("5", "6"), "+0 -0 ~1 =2", {"new.header": False}),
    Case("no header, first row added", BARE, "Aave,arn:0,1\n" + BARE, "+1 -0 ~0 =3",
         {"added": [{"key": ["Aave"], "row": ["Aave", "arn:0", "1"]}]}),
    Case("no header, first row removed", BARE, BARE.split("\n", 1)[1], "+0 -1 ~0 =2"),
    Case("no header, only words, shuffled", bare("ann,red", "bob,blue"), bare("bob,blue", "ann,red"),
         "+0 -0 ~0 =2", {"old.header": False}),
    Case("no header, said", bare("x,y", "a,b"), bare("x,z", "a,b"), "+0 -0 ~1 =1",
         {"old.header": False, "new.rows": 2}, options={"header": "no"}),
    Case("a header, said", bare("2019,2020", "1,2"), bare("2019,2020", "1,3"), "+0 -0 ~1 =0",
         {"columns.changed": {"2020": 1}}, options={"header": "yes", "key": ("2019",)}),
    Case("a header by its numbers", "shop,score\nann,1\nbob,2\n", "shop,score\nann,1\nbob,3\n", "+0 -0 ~1 =1",
         {"old.header": True, "key": ["shop"]}),
    Case("no header, column added at the end", BARE,
         bare("Kyber,arn:1,5,x", "Maker,arn:2,7,y", "Dozer,arn:3,9,z"),
         "+0 -0 ~0 =3", {"columns.added": ["4"], "identical": False}),
    Case("no header, column added in the middle", BARE,
         bare("Kyber,u,arn:1,5", "Maker,v,arn:2,7", "Dozer,w,arn:3,9"), "+0 -0 ~0 =3",
         {"columns.added": ["2"], "columns.renamed": [{"old": "2", "new": "3"}, {"old": "3", "new": "4"}]}),
    Case("no header, first column removed", BARE, bare("arn:1,5", "arn:2,7", "arn:3,9"), "+0 -0 ~0 =3",
         {"columns.removed": ["1"]}),
    # records
    Case("quoted newline", 'id,v\n1,"a\nb"\n2,c\n', 'id,v\n1,"a\nB"\n2,c\n', "+0 -0 ~1 =1", {"old.rows": 2}),
    Case("field of 1 MB", f"id,v\n1,{'x' * 1_000_000}\n2,c\n", f"id,v\n1,{'x' * 999_999}y\n2,c\n",
         "+0 -0 ~1 =1"),
    Case("stray quote in a field", 'id,v\n1,5" disk\n2,c\n', 'id,v\n1,6" disk\n2,c\n', "+0 -0 ~1 =1",
         {"changed": [{"key": ["1"], "cells": [{"column": "v", "old": '5" disk', "new": '6" disk'}]}]}),
    Case("text after a closing quote", 'id,v\n1,"a" b\n2,c\n', 'id,v\n1,"a" c\n2,c\n', "+0 -0 ~1 =1",
         warned="text after a closing quote (line 2)"),
    # ragged rows
    Case("shorter row", WIDE, WIDE.replace("2,Maker,7", "2,Maker"), "+0 -0 ~1 =2",
         {"changed": [{"key": ["2"], "cells": [{"column": "stars", "old": "7", "new": None}]}]},
         "1 row of other than 3 cells, the first on line 3"),
    Case("shorter is not empty", WIDE.replace("2,Maker,7", "2,Maker,"), WIDE.replace("2,Maker,7", "2,Maker"),
         "+0 -0 ~1 =2", warned="other than 3 cells"),
    Case("longer row", WIDE, WIDE.replace("2,Maker,7", "2,Maker,7,x"), "+0 -0 ~1 =2",
         {"changed": [{"key": ["2"], "cells": [{"column": "column 4", "old": None, "new": "x"}]}]},
         "1 row of other than 3 cells"),
    # keys
    Case("repeated key, given", bare("k,v", "a,1", "a,2", "b,3"), bare("k,v", "a,1", "a,9", "b,3"),
         "+0 -0 ~1 =2",
         {"key_source": "given", "changed": [{"key": ["a"],
           "cells": [{"column": "v", "old": "2", "new": "9"}]}]},
         "2 rows of the old file and 2 of the new one share it", {"key": ("k",)}),
    Case("a lost copy of a repeated row", bare("k,v", "a,1", "a,1", "b,3"), bare("k,v", "a,1", "b,3"),
         "+0 -1 ~0 =2", {"removed": [{"key": ["a"], "row": ["a", "1"]}]}),
    Case("a lost copy, key given", bare("k,v", "a,1", "a,1", "b,3"), bare("k,v", "a,1", "b,3"),
         "+0 -1 ~0 =2", options={"key": ("k",)}),
    Case("equal rows cancel before rows pair", bare("k,v", "a,1", "a,2"), bare("k,v", "a,2", "a,3"),
         "+0 -0 ~1 =1", {"changed": [{"key": ["a"], "cells": [{"column": "v", "old": "1", "new": "3"}]}]},
         options={"key": ("k",)}),
    Case("composite key, given", bare("a,b,v", "1,1,x", "1,2,y"), bare("a,b,v", "1,2,z", "1,1,x"),
         "+0 -0 ~1 =1",
         {"key": ["a", "b"], "key_source": "given"}, options={"key": ("a", "b")}),
    Case("unique column, found", WIDE, WIDE.replace("Maker", "Makers"), "+0 -0 ~1 =2",
         {"key": ["id"], "key_source": "unique"}),
    Case("composite key, found", bare("d,s,v", "1,x,5", "1,y,5", "2,x,5", "2,y,6"),
         bare("d,s,v", "1,x,5", "1,y,6", "2,x,5", "2,y,6"), "+0 -0 ~1 =3",
         {"key": ["d", "s"], "key_source": "composite"}),
    Case("occurrence on the best column", bare("n,p", "ann,1", "ann,1", "bob,1", "cyd,1"),
         bare("n,p", "ann,1", "ann,2", "bob,1", "cyd,2"), "+0 -0 ~2 =2",
         {"key": ["n"], "key_source": "occurrence"}, "The key n is not unique"),
    Case("whole rows", bare(*GRID, "b,b"), bare(*GRID), "+0 -1 ~0 =9",
         {"key": [], "key_source": "whole-row"}, options={"header": "no"}),
    # columns
    Case("column added", WIDE, "id,name,tag,stars\n1,Kyber,x,5\n2,Maker,y,7\n3,Dozer,z,9\n", "+0 -0 ~0 =3",
         {"columns.added": ["tag"], "identical": False}),
    Case("column removed", WIDE, "id,name\n1,Kyber\n2,Maker\n3,Dozer\n", "+0 -0 ~0 =3",
         {"columns.removed": ["stars"], "identical": False}),
    Case("column renamed", WIDE, WIDE.replace("stars", "likes"), "+0 -0 ~0 =3",
         {"columns.renamed": [{"old": "stars", "new": "likes"}], "columns.added": [], "identical": False}),
    Case("column renamed, a cell changed, a row added",
         bare("id,stars", *(f"i{n},{n}" for n in range(20))),
         bare("id,likes", *(f"i{n},{max(n, 1)}" for n in range(21))),
         "+1 -0 ~1 =19", {"columns.renamed": [{"old": "stars", "new": "likes"}]}),
    Case("column replaced", WIDE, "id,name,site\n1,Kyber,a\n2,Maker,b\n3,Dozer,c\n", "+0 -0 ~0 =3",
         {"columns.added": ["site"], "columns.removed": ["stars"], "columns.renamed": []}),
    Case("no column in common", bare("a,b", "1,2"), bare("c,d", "3,4"), "+1 -1 ~0 =0",
         {"columns.removed": ["a", "b"], "columns.added": ["c", "d"], "key_source": "whole-row"},
         options={"header": "yes"}),
    Case("repeated column names", bare("id,x,x", "1,a,b", "2,c,d"), bare("id,x,x", "1,a,B", "2,c,d"),
         "+0 -0 ~1 =1",
         {"old.names": ["id", "x", "x (2)"], "columns.changed": {"x (2)": 1}}),
    Case("a column without a name", bare("id,,v", "1,a,b"), bare("id,,v", "1,c,b"), "+0 -0 ~1 =0",
         {"columns.changed": {"column 2": 1}}),
    Case("ignored column", WIDE, WIDE.replace("5", "6"), "+0 -0 ~0 =3", {"identical": True},
         options={"ignore": ("stars",)}),
    Case("ignored column of one side", WIDE, "id,name,stars,seen\n1,Kyber,5,x\n2,Maker,7,y\n3,Dozer,9,z\n",
         "+0 -0 ~0 =3", {"identical": True}, options={"ignore": ("seen",)}),
    # empty and one-sided
    Case("both empty", "", "", "+0 -0 ~0 =0", {"identical": True}, "usually means a failed crawl"),
    Case("new is empty", BARE, "",
         "+0 -3 ~0 =0", {"new.columns": 0, "columns.removed": []}, "new.csv holds no rows"),
    Case("old is empty", "", WIDE, "+3 -0 ~0 =0", {"new.header": True}, "old.csv holds no rows"),
    Case("new is empty, key given", WIDE, "", "+0 -3 ~0 =0", {"key": ["id"]}, "no rows", {"key": ("id",)}),
    Case("header only", WIDE, "id,name,stars\n",
         "+0 -3 ~0 =0", {"new.header": True}, "new.csv holds no rows"),
    Case("only a mark", b"\xef\xbb\xbf", WIDE, "+3 -0 ~0 =0", {"old.encoding": "utf-8-sig"}, "no rows"),
    # tolerance
    Case("within the tolerance", "id,v\na,1.00\nb,5\n", "id,v\na,1.05\nb,6\n", "+0 -0 ~1 =1",
         {"columns.changed": {"v": 1}}, options={"tolerance": "0.05"}),
    Case("the tolerance is exact", "id,v\na,1.0\n", "id,v\na,1.1\n",
         "+0 -0 ~0 =1", options={"tolerance": "0.1"}),
    Case("a tolerance is for numbers", "id,v\na,x1\n", "id,v\na,x2\n",
         "+0 -0 ~1 =0", options={"tolerance": "5"}),
    Case("near rows of one key find each other", bare("k,v", "a,1", "a,5"), bare("k,v", "a,5.1", "a,1.1"),
         "+0 -0 ~0 =2", options={"tolerance": "0.2", "key": ("k",)}),
    # nothing is made harmless in the data itself
    Case("escape sequences are kept", "id,v\n1,\x1b[31mred\n", "id,v\n1,\x1b[32mgreen\n", "+0 -0 ~1 =0",
         {"changed": [{"key": ["1"],
           "cells": [{"column": "v", "old": "\x1b[31mred", "new": "\x1b[32mgreen"}]}]}),
    Case("formulas are kept", "id,v\n1,=1+1\n", "id,v\n1,@SUM\n", "+0 -0 ~1 =0",
         {"changed": [{"key": ["1"], "cells": [{"column": "v", "old": "=1+1", "new": "@SUM"}]}]}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_case_means_what_the_table_says(case: Case, tmp_path: Path) -> None:
    found = document(tmp_path, case.old, case.new, **case.options)
    assert found["short"] == case.short
    for path, value in case.said.items():
        there: Any = found
        for part in path.split("."):
            there = there[part]
        assert there == value, path
    if case.warned:
        assert any(case.warned in warning for warning in found["warnings"]), found["warnings"]
    else:
        assert all("is not unique" in warning for warning in found["warnings"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_case_is_mirrored_and_nothing_differs_from_itself(case: Case, tmp_path: Path) -> None:
    there = document(tmp_path, case.old, case.new, **case.options)
    back = document(tmp_path, case.new, case.old, **case.options)
    assert [row["row"] for row in there["added"]] == [row["row"] for row in back["removed"]]
    assert there["counts"]["changed"] == back["counts"]["changed"]
    assert there["counts"]["moved"] == back["counts"]["moved"]
    assert there["columns"]["added"] == back["columns"]["removed"]
    assert there["key_source"] == back["key_source"]
    assert there["identical"] is back["identical"]
    options = {**case.options, "ignore": ()}
    for side in (case.old, case.new):
        same = document(tmp_path, side, side, **options)
        assert same["identical"] is True
        assert same["counts"] | {"unchanged": 0} == dict.fromkeys(same["counts"], 0)


def test_the_document_has_the_shape_of_the_interface(tmp_path: Path) -> None:
    found = document(tmp_path, WIDE, WIDE.replace("5", "6"))
    assert set(found) >= {
        "old", "new", "identical", "key", "key_source", "columns", "counts", "added", "removed", "changed",
        "truncated", "warnings",
    }  # fmt: skip
    for side in ("old", "new"):
        assert set(found[side]) >= {"path", "rows", "columns", "header", "delimiter", "encoding"}
    assert set(found["columns"]) >= {"added", "removed", "renamed", "reordered"}
    assert set(found["counts"]) == {"added", "removed", "changed", "unchanged", "moved"}
    assert found["old"]["path"] == str(tmp_path / "old.csv")
    assert found["old"]["rows"] == found["old"]["columns"] == 3
