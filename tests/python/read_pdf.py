"""Reads a PDF that a report made, with pypdf: what a reader that nobody here wrote finds in it.

Prints one line of JSON: the number of pages and their sizes, the text of each page, whether the file is tagged, the kinds of
structure elements with how many there are, the alternative texts, the title and the language.
"""

import json
import sys

from pypdf import PdfReader


def walk(element, kinds, told):
    element = element.get_object()
    if isinstance(element, list):
        for child in element:
            walk(child, kinds, told)
        return
    if not isinstance(element, dict):
        return
    kind = element.get("/S")
    if kind is not None:
        kinds[str(kind)] = kinds.get(str(kind), 0) + 1
    if "/Alt" in element:
        told.append(str(element["/Alt"]))
    if "/K" in element and element.get("/Type") != "/MCR":
        walk(element["/K"], kinds, told)


def main():
    reader = PdfReader(sys.argv[1], strict=True)
    catalog = reader.trailer["/Root"]
    kinds, told = {}, []
    tree = catalog["/StructTreeRoot"]
    walk(tree["/K"], kinds, told)
    print(json.dumps({
        "pages": [[float(page.mediabox.width), float(page.mediabox.height)] for page in reader.pages],
        "texts": [page.extract_text() for page in reader.pages],
        "tagged": bool(catalog["/MarkInfo"]["/Marked"]),
        "kinds": kinds,
        "told": told,
        "title": reader.metadata.title,
        "lang": str(catalog["/Lang"]),
        "scripts": any(name in catalog for name in ("/OpenAction", "/AA")),
    }))


if __name__ == "__main__":
    sys.setrecursionlimit(20_000)
    main()
