"""The models of job.mjs as a person who wants speed writes them in PyTorch: one product for q, k and v, scaled_dot_product_attention, heads only on
the rows that they read. Each is `Model(job, gathered)` whose call gives the loss of the job's batch. gathered: BERT's last layer's row-wise half only
on those rows too, which our models do by themselves and here is written by hand.
"""
import math

import torch
from torch import nn
from torch.nn import functional as F


def sizes_of(job):
    config = job["config"]
    return job["shape"]["batch"], job["shape"]["length"], config["hiddenSize"], config.get("numAttentionHeads")


def rows(job, name):
    B, T, *_ = sizes_of(job)
    return torch.tensor(job["data"][name]).view(B, T)


class Layer(nn.Module):
    def __init__(self, job):
        super().__init__()
        (self.B, self.T, D, self.H), config, self.rate = sizes_of(job), job["config"], job["dropout"]
        self.qkv, self.out = nn.Linear(D, 3 * D), nn.Linear(D, D)
        self.inner, self.outer = nn.Linear(D, config["intermediateSize"]), nn.Linear(config["intermediateSize"], D)
        self.norm1, self.norm2 = nn.LayerNorm(D, config["layerNormEps"]), nn.LayerNorm(D, config["layerNormEps"])

    def forward(self, x, mask, rows=None):
        B, T, D, rate = self.B, self.T, x.shape[-1], self.rate
        q, k, v = self.qkv(x).view(B, T, 3, self.H, D // self.H).permute(2, 0, 3, 1, 4)
        context = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=rate).transpose(1, 2).reshape(B, T, D)
        if rows is not None:
            x, context = x.reshape(B * T, D)[rows], context.reshape(B * T, D)[rows]
        x = self.norm1(x + F.dropout(self.out(context), rate))
        return self.norm2(x + F.dropout(self.outer(F.gelu(self.inner(x))), rate))


class Bert(nn.Module):
    def __init__(self, job):
        super().__init__()
        (self.B, self.T, D, _), config, self.rate = sizes_of(job), job["config"], job["dropout"]
        self.words, self.positions = nn.Embedding(config["vocabSize"], D), nn.Embedding(config["maxPositionEmbeddings"], D)
        self.segments, self.norm = nn.Embedding(2, D), nn.LayerNorm(D, config["layerNormEps"])
        self.layers = nn.ModuleList([Layer(job) for _ in range(config["numHiddenLayers"])])
        self.ids, self.kinds = rows(job, "ids"), rows(job, "segments")
        self.mask = torch.where(rows(job, "attention").view(self.B, 1, 1, self.T) == 1, 0.0, -1e9)

    def forward(self, read, gathered):
        """The last hidden states of the rows `read` of the batch's B · T."""
        x = self.words(self.ids) + self.positions.weight[: self.T] + self.segments(self.kinds)
        x = F.dropout(self.norm(x), self.rate)
        for layer in self.layers[:-1]:
            x = layer(x, self.mask)
        if gathered:
            return self.layers[-1](x, self.mask, read)
        x = self.layers[-1](x, self.mask)
        return x.reshape(self.B * self.T, x.shape[-1])[read]


class Pretraining(nn.Module):
    def __init__(self, job, gathered):
        super().__init__()
        (B, T, D, _), config, data = sizes_of(job), job["config"], job["data"]
        self.bert, self.gathered = Bert(job), gathered
        self.pooler, self.next = nn.Linear(D, D), nn.Linear(D, 2)
        self.transform, self.transform_norm = nn.Linear(D, D), nn.LayerNorm(D, config["layerNormEps"])
        self.decoder_bias = nn.Parameter(torch.zeros(config["vocabSize"]))
        masked = torch.tensor([b * T + t for b, row in enumerate(data["positions"]) for t in row])
        self.count, self.read = len(masked), torch.cat([masked, torch.arange(B) * T])
        self.labels = torch.tensor([label for row in data["labels"] for label in row])
        self.pairs = torch.tensor(data["next"])
        initialize(self, config["initializerRange"])

    def forward(self):
        x = self.bert(self.read, self.gathered)
        chosen = self.transform_norm(F.gelu(self.transform(x[: self.count])))
        tokens = F.linear(chosen, self.bert.words.weight, self.decoder_bias)
        pairs = self.next(torch.tanh(self.pooler(x[self.count:])))
        return F.cross_entropy(tokens, self.labels) + F.cross_entropy(pairs, self.pairs)


class Classification(nn.Module):
    def __init__(self, job, gathered):
        super().__init__()
        B, T, D, _ = sizes_of(job)
        self.bert, self.gathered, self.rate = Bert(job), gathered, job["dropout"]
        self.pooler, self.classifier = nn.Linear(D, D), nn.Linear(D, 2)
        self.read, self.labels = torch.arange(B) * T, torch.tensor(job["data"]["next"])
        initialize(self, job["config"]["initializerRange"])

    def forward(self):
        pooled = torch.tanh(self.pooler(self.bert(self.read, self.gathered)))
        return F.cross_entropy(self.classifier(F.dropout(pooled, self.rate)), self.labels)


class Attention(nn.Module):
    def __init__(self, D, H, rate):
        super().__init__()
        self.H, self.rate = H, rate
        self.q, self.kv, self.out = nn.Linear(D, D), nn.Linear(D, 2 * D), nn.Linear(D, D)

    def forward(self, z, y, mask=None, causal=False):
        B, T, D = z.shape
        q = self.q(z).view(B, T, self.H, D // self.H).transpose(1, 2)
        k, v = self.kv(y).view(B, y.shape[1], 2, self.H, D // self.H).permute(2, 0, 3, 1, 4)
        context = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=self.rate, is_causal=causal)
        return self.out(context.transpose(1, 2).reshape(B, T, D))


class FeedForward(nn.Module):
    def __init__(self, D, I, rate):
        super().__init__()
        self.inner, self.outer, self.rate = nn.Linear(D, I), nn.Linear(I, D), rate

    def forward(self, x):
        return self.outer(F.dropout(F.relu(self.inner(x)), self.rate))


class Transformer(nn.Module):
    """Post-norm, sinusoidal positions, output tied to the target embeddings."""

    def __init__(self, job, gathered):
        super().__init__()
        (_, T, D, H), config, self.rate = sizes_of(job), job["config"], job["dropout"]
        V, L, I = config["vocabulary"], config["numHiddenLayers"], config["intermediateSize"]
        self.source_words, self.target_words = nn.Embedding(V, D), nn.Embedding(V, D)
        self.bias = nn.Parameter(torch.zeros(V))
        many = lambda make, count: nn.ModuleList([make() for _ in range(count)])
        self.encoder_attention = many(lambda: Attention(D, H, self.rate), L)
        self.decoder_attention = many(lambda: Attention(D, H, self.rate), L)
        self.cross_attention = many(lambda: Attention(D, H, self.rate), L)
        self.feeds = many(lambda: FeedForward(D, I, self.rate), 2 * L)
        self.norms = many(lambda: nn.LayerNorm(D), 5 * L)
        angles = torch.arange(T)[:, None] / 10000 ** (torch.arange(0, D, 2) / D)
        self.positions = torch.stack([angles.sin(), angles.cos()], -1).reshape(T, D)
        self.source, self.target, self.said = (rows(job, name) for name in ("source", "target", "said"))
        self.weights, self.smoothing, self.L = rows(job, "weights").float().flatten(), config["labelSmoothing"], L
        initialize(self, 1 / math.sqrt(D))

    def embed(self, table, ids):
        return F.dropout(table(ids) * math.sqrt(table.weight.shape[1]) + self.positions, self.rate)

    def forward(self):
        norms, feeds, drop = iter(self.norms), iter(self.feeds), lambda y: F.dropout(y, self.rate)
        x = self.embed(self.source_words, self.source)
        for attention in self.encoder_attention:
            x = next(norms)(x + drop(attention(x, x)))
            x = next(norms)(x + drop(next(feeds)(x)))
        y = self.embed(self.target_words, self.target)
        for attention, cross in zip(self.decoder_attention, self.cross_attention):
            y = next(norms)(y + drop(attention(y, y, causal=True)))
            y = next(norms)(y + drop(cross(y, x)))
            y = next(norms)(y + drop(next(feeds)(y)))
        return smoothed_loss(self, F.linear(y, self.target_words.weight, self.bias))


class Gru(nn.Module):
    """GRUs with additive attention: the encoder is nn.GRU; what does not depend on the state before is made outside the decoder's loop."""

    def __init__(self, job, gathered):
        super().__init__()
        (self.B, self.T, D, _), config, self.rate = sizes_of(job), job["config"], job["dropout"]
        V, L = config["vocabulary"], config["numHiddenLayers"]
        self.source_words, self.target_words = nn.Embedding(V, D), nn.Embedding(V, D)
        self.bias = nn.Parameter(torch.zeros(V))
        self.encoder = nn.GRU(D, D, L, dropout=self.rate, batch_first=True)
        self.query, self.key, self.score = (nn.Linear(D, out, bias=False) for out in (D, D, 1))
        self.embedded, self.context = nn.Linear(D, 3 * D), nn.Linear(D, 3 * D, bias=False)
        self.inputs = nn.ModuleList([nn.Linear(D, 3 * D) for _ in range(L - 1)])
        self.states = nn.ModuleList([nn.Linear(D, 3 * D) for _ in range(L)])
        self.source, self.target, self.said = (rows(job, name) for name in ("source", "target", "said"))
        self.weights, self.smoothing = rows(job, "weights").float().flatten(), config["labelSmoothing"]
        initialize(self, 1 / math.sqrt(D))

    @staticmethod
    def cell(gx, gh, h):
        rx, zx, nx = gx.chunk(3, -1)
        rh, zh, nh = gh.chunk(3, -1)
        update = torch.sigmoid(zx + zh)
        candidate = torch.tanh(nx + torch.sigmoid(rx + rh) * nh)
        return candidate + update * (h - candidate)

    def forward(self):
        drop = lambda x: F.dropout(x, self.rate)
        values, states = self.encoder(drop(self.source_words(self.source)))
        keys, states, last = self.key(values), list(states.unbind(0)), []
        for gx in self.embedded(drop(self.target_words(self.target))).unbind(1):
            scores = self.score(torch.tanh(self.query(states[-1])[:, None] + keys)).transpose(1, 2)
            context = (torch.softmax(scores, -1) @ values)[:, 0]
            x = gx + self.context(context)
            for l, layer in enumerate(self.states):
                states[l] = self.cell(x, layer(states[l]), states[l])
                if l < len(self.inputs):
                    x = self.inputs[l](drop(states[l]))
            last.append(states[-1])
        return smoothed_loss(self, F.linear(torch.stack(last, 1), self.target_words.weight, self.bias))


def smoothed_loss(net, logits):
    losses = F.cross_entropy(logits.flatten(0, 1), net.said.flatten(), reduction="none", label_smoothing=net.smoothing)
    return (losses * net.weights).sum() / net.weights.sum()


def initialize(net, std):
    for module in net.modules():
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, std=std)


class Stock(nn.Module):
    """transformers' own model as a user calls it: labels of −100 where nothing is masked, the head on every row."""

    def __init__(self, job, gathered):
        super().__init__()
        from transformers import BertConfig, BertForPreTraining

        (B, T, D, H), config, data = sizes_of(job), job["config"], job["data"]
        self.net = BertForPreTraining(BertConfig(
            vocab_size=config["vocabSize"], hidden_size=D, num_hidden_layers=config["numHiddenLayers"], num_attention_heads=H,
            intermediate_size=config["intermediateSize"], max_position_embeddings=config["maxPositionEmbeddings"],
            hidden_dropout_prob=job["dropout"], attention_probs_dropout_prob=job["dropout"]))
        labels = torch.full((B, T), -100)
        for b, (positions, said) in enumerate(zip(data["positions"], data["labels"])):
            labels[b, positions] = torch.tensor(said)
        self.batch = dict(input_ids=rows(job, "ids"), token_type_ids=rows(job, "segments"), attention_mask=rows(job, "attention"),
                          labels=labels, next_sentence_label=torch.tensor(data["next"]))

    def forward(self):
        return self.net(**self.batch).loss


MODELS = {"pretrain": Pretraining, "classify": Classification, "transformer": Transformer, "gru": Gru}
