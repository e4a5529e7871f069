# Vectors of texts by transformers' BertModel, and how far an ONNX file's are from them: python minilm.py MODEL_FOLDER TEXTS_JSON ONNX_FILE
import json
import sys

import numpy
import onnxruntime
import torch
from transformers import AutoModel, AutoTokenizer

folder, texts, file = sys.argv[1:4]
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModel.from_pretrained(folder).eval()
session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
inputs = ["input_ids", "attention_mask", "token_type_ids"]
answers = []
texts = json.load(open(texts))
for text in texts:
    encoded = tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        vectors = model(**encoded).last_hidden_state[0]
    (ours,) = session.run(["last_hidden_state"], {name: encoded[name].numpy() for name in inputs})
    answers.append(
        {
            "vectors": vectors.tolist(),
            "mean": vectors.mean(dim=0).tolist(),
            "pieces": tokenizer.convert_ids_to_tokens(encoded["input_ids"][0]),
            "onnx": float(numpy.abs(ours[0] - vectors.numpy()).max()),
        }
    )
# the file takes any batch: all texts at once, padded, give what each gives alone
together = tokenizer(texts, padding=True, return_tensors="np")
(ours,) = session.run(["last_hidden_state"], {name: together[name] for name in inputs})
for answer, mask, rows in zip(answers, together["attention_mask"], ours):
    difference = numpy.abs(rows[mask == 1] - numpy.array(answer["vectors"])).max()
    answer["onnx"] = max(answer["onnx"], float(difference))
print(json.dumps(answers))
