# How far transformers and onnxruntime are from our answers: python exports.py ASKED_JSON HUGGINGFACE_ZIP ONNX_ZIP
import json
import os
import sys
import tempfile
import zipfile

import numpy
import onnxruntime
import torch
import transformers

asked_file, folder_zip, onnx_zip = sys.argv[1:4]
asked = json.load(open(asked_file))
outputs = {
    "predictionLogits": "prediction_logits",
    "seqRelationshipLogits": "seq_relationship_logits",
    "logits": "logits",
    "startLogits": "start_logits",
    "endLogits": "end_logits",
}


def unpacked(file):
    folder = tempfile.mkdtemp()
    zipfile.ZipFile(file).extractall(folder)
    return next(root for root, _, files in os.walk(folder) if "config.json" in files)


folder = unpacked(folder_zip)
architecture = json.load(open(os.path.join(folder, "config.json")))["architectures"][0]
model = getattr(transformers, architecture).from_pretrained(folder).eval()
onnx_folder = unpacked(onnx_zip)
(onnx_file,) = [name for name in os.listdir(onnx_folder) if name.endswith(".onnx")]
session = onnxruntime.InferenceSession(os.path.join(onnx_folder, onnx_file), providers=["CPUExecutionProvider"])
onnx_names = [output.name for output in session.get_outputs()]
worst = {"transformers": 0.0, "ONNX file": 0.0}
for row, (ids, types) in enumerate(zip(asked["inputIds"], asked["tokenTypeIds"])):
    inputs = {
        "input_ids": numpy.array([ids], dtype=numpy.int64),
        "attention_mask": numpy.ones((1, len(ids)), dtype=numpy.int64),
        "token_type_ids": numpy.array([types], dtype=numpy.int64),
    }
    with torch.no_grad():
        theirs = model(**{name: torch.tensor(value) for name, value in inputs.items()})
    exported = dict(zip(onnx_names, session.run(None, inputs)))
    for ours, name in outputs.items():
        if ours not in asked["ours"]:
            continue
        wanted = numpy.array(asked["ours"][ours][row])
        for kind, found in (("transformers", theirs[name].numpy()), ("ONNX file", exported[name])):
            difference = float(numpy.abs(found[0].reshape(wanted.shape) - wanted).max())
            worst[kind] = max(worst[kind], difference)
print(json.dumps(worst))
