"""Makes a bundle of the JSON in a Markdown page, with files of the right size."""

import json
import pathlib
import re
import sys

page, directory = map(pathlib.Path, sys.argv[1:])
text = re.search(r"^```json\n(.*?)^```", page.read_text(), re.M | re.S).group(1)
manifest = json.loads(text)
for buffer in manifest["buffers"]:
    if buffer["role"] == "input":
        path = directory / buffer["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(buffer["bytes"]))
for target in manifest["targets"]:
    for image in target["images"]:
        path = directory / image["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
(directory / "manifest.json").write_text(text)
