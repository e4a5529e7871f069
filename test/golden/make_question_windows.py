"""Writes question-windows.json: how transformers' fast tokenizer cuts questions with long contexts into overlapping windows.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install transformers && /tmp/golden/bin/python test/golden/make_question_windows.py

Offsets count code points in Python; the texts have none beyond U+FFFF, so these are UTF-16 units too.
"""
import json
import pathlib
import string
import tempfile

import transformers
from transformers import BertTokenizerFast

CONTEXTS = [
    "The café of Zoë Müller opened in São Paulo, near the Avenida Ipiranga, in 1987. Its owner sold espresso to sailors.",
    "İstanbul and 東京 are far away; עברית is written from the right, Zoe\u0308 said so (twice) in U.S. dollars: $5.50!",
]
QUESTIONS = ["Who?", "Where is the café?"]
SIZES = [(40, 8), (64, 16), (384, 128)]
letters = string.ascii_lowercase + string.digits + string.punctuation + "東京" + "עבריתי"
vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(letters),
              *(f"##{letter}" for letter in dict.fromkeys(letters) if letter not in string.punctuation),
              "the", "cafe", "in", "##er", "##ing", "zoe", "paulo", "sailor", "istanbul"]

with tempfile.TemporaryDirectory() as folder:
    file = pathlib.Path(folder) / "vocab.txt"
    file.write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    tokenizer = BertTokenizerFast(str(file), do_lower_case=True)

cases = []
for context in CONTEXTS:
    for question in QUESTIONS:
        for max_length, stride in SIZES:
            encoded = tokenizer(question, context, truncation="only_second", max_length=max_length, stride=stride,
                                return_overflowing_tokens=True, return_offsets_mapping=True, return_token_type_ids=True)
            windows = [
                {"ids": encoded["input_ids"][w], "types": encoded["token_type_ids"][w],
                 "offsets": [offset for offset, text in zip(encoded["offset_mapping"][w], encoded.sequence_ids(w)) if text == 1]}
                for w in range(len(encoded["input_ids"]))
            ]
            cases.append({"question": question, "context": context, "maxLength": max_length, "documentStride": stride, "windows": windows})

golden = {"made_with": {"transformers": transformers.__version__}, "vocabulary": vocabulary, "cases": cases}
target = pathlib.Path(__file__).with_name("question-windows.json")
target.write_text(json.dumps(golden, ensure_ascii=False) + "\n", encoding="utf-8")
print(target, target.stat().st_size, "bytes", [len(case["windows"]) for case in cases])
