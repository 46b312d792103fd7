#!/usr/bin/env python3
"""Makes the fixtures of text/golden_tests.rs: a small SentencePiece vocabulary like Phi-3's, as Hugging Face's
tokenizer.json and inside a tiny GGUF file, with what Hugging Face's own code makes of texts and conversations.

Run in a virtual environment with sentencepiece, transformers, tokenizers, gguf and numpy; give it text files to train on
(the committed vocabulary was trained on this repository's README.md, ARCHITECTURE.md and docs/*.md):
    python make_tokenizer.py TEXT...
Writes tokenizer.json, tokenizer_config.json, tiny.gguf and cases.json beside itself."""
import io, json, os, sys
import gguf, numpy as np, sentencepiece as spm
from tokenizers import AddedToken, Tokenizer, models, normalizers, decoders
from sentencepiece import sentencepiece_model_pb2 as pb
from transformers import PreTrainedTokenizerFast

OUT = os.path.dirname(os.path.abspath(__file__))
MARKS = ["<|endoftext|>", "<|assistant|>", "<|placeholder1|>", "<|system|>", "<|end|>", "<|user|>"]
TEMPLATE = ("{% for message in messages %}{% if message['role'] == 'system' %}{{'<|system|>\n' + message['content'] + '<|end|>\n'}}"
            "{% elif message['role'] == 'user' %}{{'<|user|>\n' + message['content'] + '<|end|>\n'}}"
            "{% elif message['role'] == 'assistant' %}{{'<|assistant|>\n' + message['content'] + '<|end|>\n'}}{% endif %}"
            "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}")
# Other ways of writing the same, with what templates use of Jinja.
TEMPLATES = [
    "{{ bos_token }}{% for m in messages %}{% if (m['role'] == 'user') %}{{'<|user|>' + '\n' + m['content'] + '<|end|>' + '\n' + '<|assistant|>' + '\n'}}"
    "{% elif (m['role'] == 'assistant') %}{{m['content'] + '<|end|>' + '\n'}}{% else %}{{ '<|system|>\n' ~ m.content ~ '<|end|>\n' }}{% endif %}{% endfor %}",
    """{%- set ns = namespace(turns=0) -%}
{%- for message in messages -%}
    {%- if message.role not in ['system', 'user', 'assistant'] -%}
        {{- raise_exception('unknown role') -}}
    {%- endif -%}
    {%- set ns.turns = ns.turns + 1 -%}
    {{- '<|' ~ message.role ~ '|>' }}
    {{ message['content'].strip() if false else message['content'] }}<|end|>
    {%- if not loop.last %} turn {{ loop.index }} of {{ messages | length }} {% endif -%}
{%- endfor -%}
{% if add_generation_prompt is defined and add_generation_prompt %}
    <|assistant|>
{% endif %}
""",
    "{% for message in messages %}{% if message['role'] == 'system' and 'tools' in message and message['tools'] is not none %}"
    "{{ '<|' + message['role'] + '|>' + message['content'] + '<|tool|>' + message['tools'] + '<|/tool|>' + '<|end|>' }}"
    "{% else %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% else %}{{ eos_token }}{% endif %}",
    "{% if messages[0]['role'] == 'system' %}{% set rules = messages[0]['content'] %}{% set rest = messages[1:] %}{% else %}{% set rules = '' %}{% set rest = messages %}{% endif %}"
    "{% if rules %}<|system|>{{ rules | trim }}<|end|>{% endif %}{% for m in rest %}<|{{ m.role | lower }}|>\n{{ m['content'] | trim }}<|end|>\n{% endfor %}<|assistant|>",
]
TEXTS = ["", " ", "the", "The fleet has 1,204 WorkSpaces in eu-west-1.", "  two  blanks  ", "a\nb\n\n\tc", "größer – 12 € 😀 日本",
         "don't stop; it's 3.5 %", "ws-0a1b2c3d4", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "https://example.com/a?b=c&d=[e]", "\u2581 its own blank",
         "\r\n", "x" * 70, "SELECT * FROM t WHERE a = 'b' -- c", "{{ bos_token }}{% raw %}", "\u200b\ufeff\u00a0"]
CHATS = [[("user", "How many WorkSpaces are running?")],
         [("system", "You answer from the facts."), ("user", "What do they cost?\n"), ("assistant", " 12 a month. "), ("user", "  And in total? ")],
         [("user", "größer 😀"), ("assistant", ""), ("user", "{{ bos_token }}")]]

model = io.BytesIO()
spm.SentencePieceTrainer.train(sentence_iterator=iter(l for p in sys.argv[1:] for l in open(p, encoding="utf-8").read().splitlines() if l.strip()),
    model_writer=model, vocab_size=900, model_type="bpe", byte_fallback=True, character_coverage=0.999, normalization_rule_name="identity",
    remove_extra_whitespaces=False, split_digits=True, allow_whitespace_only_pieces=True, add_dummy_prefix=True, pad_id=-1, num_threads=1)
proto = pb.ModelProto(); proto.ParseFromString(model.getvalue())
pieces = [(p.piece, p.score, p.type) for p in proto.pieces]
ids = {p: i for i, (p, _, _) in enumerate(pieces)}

# Merges as Hugging Face derives them from a SentencePiece model: by the score of what comes out.
merges = []
for piece, score, kind in pieces:
    if kind != 1: continue
    local = [(piece[:i], piece[i:], score) for i in range(1, len(piece)) if piece[:i] in ids and piece[i:] in ids]
    merges += sorted(local, key=lambda m: (ids[m[0]], ids[m[1]]))
merges = [(a, b) for a, b, _ in sorted(merges, key=lambda m: m[2], reverse=True)]
tok = Tokenizer(models.BPE(vocab=ids, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
tok.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
tok.decoder = decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
tok.add_special_tokens([AddedToken("<unk>", normalized=False), AddedToken("<s>", normalized=False)])
tok.add_tokens([AddedToken("</s>", normalized=False, rstrip=True)])
tok.add_special_tokens([AddedToken(m, normalized=False, rstrip=m != "<|endoftext|>") for m in MARKS])
tok.save(f"{OUT}/tokenizer.json")
config = dict(bos_token="<s>", eos_token="<|endoftext|>", unk_token="<unk>", add_bos_token=False, chat_template=TEMPLATE)
json.dump(config, open(f"{OUT}/tokenizer_config.json", "w"), indent=1)
fast = PreTrainedTokenizerFast(tokenizer_object=tok, bos_token="<s>", eos_token="<|endoftext|>", unk_token="<unk>", chat_template=TEMPLATE)
mark = {m: tok.token_to_id(m) for m in MARKS}
rows = max(mark.values()) + 1 + 16                 # padded, as Phi-3's is

sp = spm.SentencePieceProcessor(model_proto=model.getvalue())
cases = dict(texts=[], chats=[], templates=[], marks=mark, rows=rows)
for t in TEXTS:
    hf = tok.encode(t, add_special_tokens=False).ids
    # SentencePiece itself has a different idea of its own blank's letter only.
    if t and "\u2581" not in t: assert hf == sp.encode(t), (t, hf, sp.encode(t))
    cases["texts"].append(dict(text=t, ids=hf))
for chat in CHATS:
    m = [dict(role=r, content=c) for r, c in chat]
    written = fast.apply_chat_template(m, add_generation_prompt=True, tokenize=False)
    cases["chats"].append(dict(messages=chat, ids=tok.encode(written, add_special_tokens=False).ids))
# What is said is cut of blanks by some templates, and by ours never: these have none around them.
PLAIN = [[(r, c.strip()) for r, c in chat if c.strip()] for chat in CHATS[:2]]
for template in TEMPLATES:
    fast.chat_template = template; chats = []
    for chat in PLAIN:
        written = fast.apply_chat_template([dict(role=r, content=c) for r, c in chat], add_generation_prompt=True, tokenize=False)
        chats.append(dict(messages=chat, ids=tok.encode(written, add_special_tokens=False).ids))
    cases["templates"].append(dict(template=template, chats=chats))

w = gguf.GGUFWriter(f"{OUT}/tiny.gguf", "phi3"); H, F = 32, 64
w.add_name("Tiny Phi-3"); w.add_context_length(256); w.add_rope_scaling_orig_ctx_len(256); w.add_embedding_length(H); w.add_feed_forward_length(F)
w.add_block_count(1); w.add_head_count(4); w.add_head_count_kv(2); w.add_layer_norm_rms_eps(1e-5); w.add_rope_dimension_count(8)
w.add_rope_freq_base(10000.0); w.add_file_type(1); w.add_sliding_window(31)
T = gguf.TokenType
rest = [(m, -1000.0, T.CONTROL) for m in MARKS] + [(f"[PAD{i}]", -1000.0, T.UNUSED) for i in range(16)]
kinds = {1: T.NORMAL, 2: T.UNKNOWN, 3: T.CONTROL, 4: T.USER_DEFINED, 5: T.UNUSED, 6: T.BYTE}
allp = [(p, s, T.USER_DEFINED if p == "</s>" else kinds[k]) for p, s, k in pieces] + rest
w.add_tokenizer_model("llama"); w.add_tokenizer_pre("default"); w.add_token_list([p for p, _, _ in allp]); w.add_token_scores([s for _, s, _ in allp])
w.add_token_types([k for _, _, k in allp]); w.add_bos_token_id(1); w.add_eos_token_id(mark["<|endoftext|>"]); w.add_unk_token_id(0)
w.add_add_bos_token(False); w.add_add_space_prefix(True); w.add_chat_template(TEMPLATE)
rng = np.random.default_rng(3)
shapes = {"token_embd.weight": (rows, H), "output_norm.weight": (H,), "blk.0.attn_norm.weight": (H,), "blk.0.attn_qkv.weight": (64, H),
          "blk.0.attn_output.weight": (H, H), "blk.0.ffn_norm.weight": (H,), "blk.0.ffn_up.weight": (2 * F, H), "blk.0.ffn_down.weight": (H, F)}
sums = {}
for name, shape in shapes.items():
    v = rng.uniform(-1, 1, shape).astype(np.float32)
    if len(shape) == 1: w.add_tensor(name, v); sums[name] = float(v.sum(dtype=np.float64))
    else: w.add_tensor(name, v.astype(np.float16)); sums[name] = float(v.astype(np.float16).sum(dtype=np.float64))
w.write_header_to_file(); w.write_kv_data_to_file(); w.write_tensors_to_file(); w.close()
cases["sums"] = sums
json.dump(cases, open(f"{OUT}/cases.json", "w"), indent=0)
print(len(pieces), rows)
