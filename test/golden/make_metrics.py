"""Writes metrics.json: what sacreBLEU, seqeval, scikit-learn, scipy and SQuAD's evaluation make of some nasty cases.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install sacrebleu==2.6.0 seqeval==1.2.2 scikit-learn scipy
    /tmp/golden/bin/python test/golden/make_metrics.py

SQuAD's evaluation is on no package index: its definitions (evaluate-v2.0.py of Rajpurkar et al., 2018) are written out below.
"""
import collections
import json
import math
import pathlib
import random
import re
import string
import warnings

import scipy.stats
import sklearn.metrics
from sacrebleu.metrics import BLEU, CHRF
from seqeval.metrics import classification_report, f1_score, precision_score, recall_score
from seqeval.metrics.sequence_labeling import get_entities
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB

warnings.filterwarnings("ignore")
rng = random.Random(7)

LINES = [
    ("The cat sat on the mat.", "The cat is sitting on the mat."),
    ("Hello, world! It's 3.14, not 3,141.", "Hello world; it's 3.14 -- not 3,141."),
    ("L'option '{0}' ne peut pas être spécifiée.", "L'option '{0}' ne peut être spécifiée sans '{1}'."),
    ("a-b 1-2 x-\ny &quot;q&quot; &amp; &lt;b&gt; <skipped>", "a-b 1-2 x-\ny \"q\" & <b> ."),
    ("emoji 😀 é e\u0301 𝒳 \u00a0nb\u3000sp \x1c\x85end \ufeff ", "emoji 😀😃 é é 𝒳 nb sp end"),
    ("", "an empty prediction"),
    ("an empty reference", ""),
    ("no overlap whatsoever", "zéro chose commune ici"),
    ("one", "one"),
    ("$5.00, (50%) [x] {y} ~z _w ^v `u a/b c\\d e:f g;h 1.2.3 .5 5. ,a", "$5.00 (50%) [x] {y} ~z w ^v `u a/b cd e:f gh 1.2 .5 5. , a"),
]
CHINESE = [
    ("类型“{0}”的参数不能赋给类型“{1}”。", "类型“{0}”的参数不可赋给“{1}”类型。"),
    ("已声明，但从未使用 TypeScript文件 3.14。", "声明了但从未使用 TypeScript 文件 3.14！"),
    (" .5 全角ＡＢＣ … — ⺀ ㄅ 𠀀𠀁 ☀ ✈", ".5 全角 ＡＢＣ … — ⺀ ㄅ 𠀀 𠀁 ☀✈"),
    ("", "空"),
]
WORDS = "the a cat dog, sat on mat. red 12.5 l'eau d'été être (x) it's".split()


def noisy(n):
    pairs = []
    for _ in range(n):
        reference = [rng.choice(WORDS) for _ in range(rng.randint(1, 14))]
        prediction = [w for w in reference if rng.random() > 0.2]
        if rng.random() < 0.5:
            prediction += [rng.choice(WORDS) for _ in range(rng.randint(0, 3))]
        pairs.append((" ".join(prediction), " ".join(reference)))
    return pairs


def translation_case(name, pairs, tokenize):
    predictions = [p for p, _ in pairs]
    references = [r for _, r in pairs]
    metric = BLEU(tokenize=tokenize)
    score = metric.corpus_score(predictions, [references])
    chrf = CHRF()
    character = chrf.corpus_score(predictions, [references])
    return dict(name=name, tokenize=tokenize, predictions=predictions, references=references, bleu=score.score,
                precisions=list(score.precisions), brevityPenalty=score.bp, predictedLength=score.sys_len,
                referenceLength=score.ref_len, signature=str(metric.get_signature()), chrf=character.score,
                chrfSignature=str(chrf.get_signature()), tokens=[metric.tokenizer(p.rstrip()).split() for p in predictions])


def d2l_bleu(pred_seq, label_seq, k):
    """Dive into Deep Learning, section 10.7.6 (with the current edition's guard for short predictions)."""
    pred_tokens, label_tokens = pred_seq.split(), label_seq.split()
    len_pred, len_label = len(pred_tokens), len(label_tokens)
    if len_pred == 0:
        return 0.0
    score = math.exp(min(0, 1 - len_label / len_pred))
    for n in range(1, min(k, len_pred) + 1):
        num_matches, label_subs = 0, collections.defaultdict(int)
        for i in range(len_label - n + 1):
            label_subs[" ".join(label_tokens[i: i + n])] += 1
        for i in range(len_pred - n + 1):
            if label_subs[" ".join(pred_tokens[i: i + n])] > 0:
                num_matches += 1
                label_subs[" ".join(pred_tokens[i: i + n])] -= 1
        score *= math.pow(num_matches / (len_pred - n + 1), math.pow(0.5, n))
    return score


def classification_case(name, expected, predicted):
    labels = sorted(set(expected) | set(predicted))
    p, r, f, s = sklearn.metrics.precision_recall_fscore_support(expected, predicted, labels=labels, zero_division=0)
    return dict(name=name, expected=expected, predicted=predicted, labels=labels,
                matrix=sklearn.metrics.confusion_matrix(expected, predicted, labels=labels).tolist(),
                precision=list(p), recall=list(r), f1=list(f), support=[int(x) for x in s],
                accuracy=sklearn.metrics.accuracy_score(expected, predicted),
                macroF1=sklearn.metrics.f1_score(expected, predicted, average="macro", zero_division=0),
                matthews=float(sklearn.metrics.matthews_corrcoef(expected, predicted)))


def regression_case(name, expected, predicted):
    finite = lambda x: float(x) if math.isfinite(x) else None
    return dict(name=name, expected=expected, predicted=predicted,
                mse=float(sklearn.metrics.mean_squared_error(expected, predicted)),
                pearson=finite(scipy.stats.pearsonr(expected, predicted).statistic),
                spearman=finite(scipy.stats.spearmanr(expected, predicted).statistic))


def tagging_case(name, expected, predicted):
    report = classification_report(expected, predicted, output_dict=True, zero_division=0)
    types = sorted(k for k in report if k not in ("micro avg", "macro avg", "weighted avg"))
    return dict(name=name, expected=expected, predicted=predicted,
                entities=[[[t, a, b + 1] for t, a, b in get_entities(tags)] for tags in expected],
                precision=precision_score(expected, predicted, zero_division=0),
                recall=recall_score(expected, predicted, zero_division=0), f1=f1_score(expected, predicted, zero_division=0),
                macroF1=f1_score(expected, predicted, average="macro", zero_division=0),
                perType=[dict(label=t, precision=float(report[t]["precision"]), recall=float(report[t]["recall"]),
                              f1=float(report[t]["f1-score"]), support=int(report[t]["support"])) for t in types])


def random_tags(prefixes, n):
    tags = ["O", "O"] + [f"{p}-{t}" for p in prefixes for t in ("PER", "LOC", "NEW-ORG")]
    return [rng.choice(tags) for _ in range(n)]


def normalize_answer(s):
    s = "".join(ch for ch in s.lower() if ch not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", s, flags=re.UNICODE).split())


def compute_f1(a_gold, a_pred):
    gold_toks, pred_toks = normalize_answer(a_gold).split(), normalize_answer(a_pred).split()
    num_same = sum((collections.Counter(gold_toks) & collections.Counter(pred_toks)).values())
    if not gold_toks or not pred_toks:
        return int(gold_toks == pred_toks)
    if num_same == 0:
        return 0
    precision, recall = num_same / len(pred_toks), num_same / len(gold_toks)
    return (2 * precision * recall) / (precision + recall)


def squad_case(prediction, answers):
    golds = [a for a in answers if normalize_answer(a)] or [""]
    return dict(prediction=prediction, answers=answers, normalized=normalize_answer(prediction),
                exactMatch=max(int(normalize_answer(a) == normalize_answer(prediction)) for a in golds),
                f1=max(compute_f1(a, prediction) for a in golds))


def naive_bayes_case(n_train, n_test):
    vocabulary = [f"w{i}" for i in range(40)] + ["l'été", "中文", "Ünïcode", "a_b"]
    shapes = {label: [rng.random() ** 3 for _ in vocabulary] for label in "xyz"}
    def example():
        label = rng.choice("xxyz")
        return " ".join(rng.choices(vocabulary, shapes[label], k=rng.randint(1, 7))), label
    train, test = [example() for _ in range(n_train)], [example() for _ in range(n_test)] + [("never seen", "x"), ("", "y")]
    counter = CountVectorizer(token_pattern=r"[一-鿿]|(?:(?![一-鿿])\w)+")
    model = MultinomialNB().fit(counter.fit_transform([t for t, _ in train]), [l for _, l in train])
    return dict(train=train, test=test, predicted=list(model.predict(counter.transform([t for t, _ in test]))))


lengths = [rng.randint(1, 9) for _ in range(12)]
odd = [
    (["I-PER", "I-PER", "O", "B-PER", "I-LOC"], ["B-PER", "I-PER", "O", "I-PER", "I-LOC"]),
    (["B-PER", "B-PER", "I-PER"], ["B-PER", "I-PER", "I-PER"]),
    (["O", "B-LOC", "O"], ["O", "O", "O"]),
    (["B-LOC"], ["I-LOC"]),
    (["S-LOC", "B-PER", "E-PER", "E-PER", "I-PER"], ["S-LOC", "B-PER", "I-PER", "E-PER", "S-PER"]),
    (["B", "I", "O", "B"], ["B", "O", "O", "B"]),
]
xs = [rng.gauss(0, 1) for _ in range(17)]
result = dict(
    translation=[
        translation_case("nasty", LINES, "13a"),
        translation_case("no blanks at all", LINES, "char"),
        translation_case("as it is", LINES, "none"),
        translation_case("chinese", CHINESE, "zh"),
        translation_case("chinese rules on other text", LINES, "zh"),
        translation_case("noisy", noisy(40), "13a"),
        translation_case("all empty", [("", "a b c d"), ("", "x")], "13a"),
        translation_case("empty references", [("a b", "")], "13a"),
        translation_case("no overlap", [("a b c d e", "v w x y z")], "13a"),
        translation_case("shorter than four", [("a b", "a b"), ("c", "c")], "13a"),
        translation_case("unigrams only", [("a c b d e", "e d b c a")], "13a"),
        translation_case("equal", [(r, r) for _, r in LINES], "13a"),
        translation_case("shorter", [("a b c d e", "a b c d e f g h")], "13a"),
    ],
    d2l=[dict(prediction=p, reference=r, k=k, bleu=d2l_bleu(p, r, k)) for k in (1, 2, 4) for p, r in
         [("", "a b"), ("a", "a"), ("a", "b"), ("a b c", "a b d"), ("a a a", "a"), ("il est calme .", "il est calme ."), ("a b", "a b c d e"), ("a b c d", "")] + noisy(3)],
    classification=[
        classification_case("two labels", ["a", "b", "a", "a", "b"], ["a", "a", "a", "b", "b"]),
        classification_case("one label", ["a", "a"], ["a", "a"]),
        classification_case("never right", ["a", "a", "b"], ["b", "c", "c"]),
        classification_case("always the same", ["a", "b", "c", "a"], ["a", "a", "a", "a"]),
        classification_case("unicode", ["é", "中", "é", "😀"], ["é", "é", "中", "😀"]),
        classification_case("noisy", (e := [rng.choice("abcde") for _ in range(60)]), [x if rng.random() < 0.6 else rng.choice("abcdef") for x in e]),
    ],
    regression=[
        regression_case("noisy", xs, [x * 2 + rng.gauss(0, 1) for x in xs]),
        regression_case("ties", [1, 2, 2, 3, 3, 3, 5], [2, 2, 1, 7, 7, 9, 9]),
        regression_case("opposite", [1, 2, 3, 4], [4, 3, 2, 1]),
        regression_case("constant prediction", [1, 2, 3], [2, 2, 2]),
        regression_case("constant both", [2, 2, 2], [2, 2, 2]),
        regression_case("far from zero", [1e9 + 1, 1e9 + 2, 1e9 + 4], [3, 1, 9]),
    ],
    tagging=[
        tagging_case("odd", [e for e, _ in odd], [p for _, p in odd]),
        tagging_case("BIO", [random_tags("BI", n) for n in lengths], [random_tags("BI", n) for n in lengths]),
        tagging_case("BIOES", [random_tags("BIES", n) for n in lengths], [random_tags("BIES", n) for n in lengths]),
        tagging_case("equal", [e for e, _ in odd], [e for e, _ in odd]),
    ],
    squad=[squad_case(p, a) for p, a in [
        ("the Cat", ["a cat."]), ("", []), ("something", []), ("", ["x"]), ("the", ["The"]), ("", ["the", "an"]), ("Denver Broncos!", ["The Denver Broncos", "Broncos"]),
        ("état-an", ["état an"]), ("theatre an_a a\u0301 é-a", ["theatre an_a"]), ("a b b c", ["b b d"]), ("5,000 $", ["5000"]), ("北京 the", ["北京"]), ("no overlap", ["different words"]),
        ("İ ǅ\u00a0x", ["i̇ ǆ x"]),
    ]],
    naiveBayes=naive_bayes_case(60, 60),
)
path = pathlib.Path(__file__).with_name("metrics.json")
path.write_text(json.dumps(result, ensure_ascii=True, separators=(",", ":")) + "\n")
print(path.stat().st_size)
